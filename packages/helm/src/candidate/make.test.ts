import { expect, test } from 'vitest';
import type { ChartObject } from '../chart/objects.js';
import { configsOf } from './config-refs.js';
import { candidateOf } from './make.js';

const configMap = (name: string, word: string): ChartObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { word } });
const secret = (name: string, word: string): ChartObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { word } });
const marks = { labels: { copy: 'yes' }, rolloutId: 'r-1' };

const deployment: ChartObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    template: {
      spec: {
        imagePullSecrets: [{ name: 'pull' }],
        initContainers: [{ name: 'first', envFrom: [{ configMapRef: { name: 'a' } }] }],
        containers: [
          {
            name: 'web',
            envFrom: [{ secretRef: { name: 'b' } }],
            env: [
              { name: 'ONE', valueFrom: { configMapKeyRef: { name: 'c', key: 'word' } } },
              { name: 'TWO', valueFrom: { secretKeyRef: { name: 'd', key: 'word' } } },
            ],
          },
        ],
        volumes: [
          { name: 'e', configMap: { name: 'e' } },
          { name: 'f', secret: { secretName: 'f' } },
          { name: 'g', projected: { sources: [{ configMap: { name: 'g' } }, { secret: { name: 'h' } }] } },
        ],
      },
    },
  },
};

const all = ['pull', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const kindOf = (name: string): 'ConfigMap' | 'Secret' => ('aceg'.includes(name) ? 'ConfigMap' : 'Secret');
const make = (name: string, word: string): ChartObject => (kindOf(name) === 'ConfigMap' ? configMap(name, word) : secret(name, word));

test('every way in which a pod reads a ConfigMap or a Secret is known', () => {
  expect([...configsOf(deployment)].toSorted()).toEqual(all.map((name) => `${kindOf(name)} ${name}`).toSorted());
});

test.each(all)('%s changes: the candidate reads a copy of it, and all else by its own name', (name) => {
  const before = all.map((each) => make(each, 'old'));
  const after = all.map((each) => make(each, each === name ? 'new' : 'old'));
  const made = candidateOf({ before, after, deployment, namespace: 'shop' }, marks);
  expect(made.configs).toHaveLength(1);
  const [copy] = made.configs;
  expect(copy).toMatchObject({
    kind: kindOf(name),
    immutable: true,
    metadata: { name: expect.stringMatching(new RegExp(`^${name}-[0-9a-f]{10}$`)), labels: { copy: 'yes' }, annotations: { 'shepherd.dev/rollout-id': 'r-1' } },
  });
  const expected = all.map((each) => `${kindOf(each)} ${each === name ? copy?.metadata?.name : each}`);
  expect([...configsOf(made.deployment)].toSorted()).toEqual(expected.toSorted());
});

test('what no pod reads, what does not change and what is of another namespace needs no copy; labels alone are no change', () => {
  const after = [configMap('a', 'old'), configMap('other', 'new'), { ...configMap('c', 'new'), metadata: { name: 'c', namespace: 'elsewhere' } }];
  const before = [{ ...configMap('a', 'old'), metadata: { name: 'a', labels: { chart: 'web-1' } } }];
  const made = candidateOf({ before, after, deployment, namespace: 'shop' }, marks);
  expect([made.configs, made.deployment]).toEqual([[], deployment]);
});

test('two rollouts never share a copy, one rollout makes the same one again', () => {
  const input = { before: [], after: [configMap('a', 'new')], deployment, namespace: 'shop' };
  const nameIn = (rolloutId: string): string | undefined => candidateOf(input, { ...marks, rolloutId }).configs[0]?.metadata?.name;
  expect(nameIn('r-1')).toBe(nameIn('r-1'));
  expect(nameIn('r-1')).not.toBe(nameIn('r-2'));
});

test('marks of helm stay behind, and a name never gets too long', () => {
  const labels = { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'web-1', team: 'shop' };
  const long = { ...configMap('a'.repeat(253), 'new'), metadata: { name: 'a'.repeat(253), labels } };
  const reading = JSON.parse(JSON.stringify(deployment).replace('"a"', `"${long.metadata.name}"`)) as ChartObject;
  const [copy] = candidateOf({ before: [], after: [long], deployment: reading, namespace: 'shop' }, marks).configs;
  expect(copy?.metadata).toMatchObject({ labels: { team: 'shop', copy: 'yes' } });
  expect(Object.keys((copy as unknown as { metadata: { labels: object } }).metadata.labels)).toEqual(['team', 'copy']);
  expect(copy?.metadata?.name).toHaveLength(253);
});
