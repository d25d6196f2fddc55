import { expect, test } from 'vitest';
import type { PodTemplate } from '../objects.js';
import { configRefs } from './refs.js';

test('every ConfigMap and Secret that pods take something from, once; pull secrets are the cluster’s', () => {
  const template = {
    spec: {
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [
        { name: 'a', configMap: { name: 'files' } },
        { name: 'b', secret: { secretName: 'certificate', optional: true } },
        { name: 'c', projected: { sources: [{ configMap: { name: 'projected' } }, { secret: { name: 'token' } }, {}] } },
        { name: 'd', emptyDir: {} },
      ],
      initContainers: [{ name: 'init', envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys', optional: true } }] }],
      containers: [
        {
          name: 'web',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'b', optional: true } } },
            { name: 'C', valueFrom: { secretKeyRef: { name: 'keys', key: 'c' } } },
            { name: 'D', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
        },
      ],
    },
  } as unknown as PodTemplate;
  expect(configRefs(template).map(({ kind, name, optional }) => `${kind} ${name}${optional ? '?' : ''}`)).toEqual([
    'ConfigMap files',
    'ConfigMap projected',
    'ConfigMap settings',
    'Secret certificate?',
    'Secret keys',
    'Secret token',
  ]);
});
