import { systemClock } from '@shepherd/core';
import { describe, expect, it } from 'vitest';
import { createObjects } from './create-objects.js';
import type { KubeObject } from './objects.js';

const objects = () => createObjects({ clock: systemClock });
const map = (name: string, data: Record<string, string> = {}) => ({ metadata: { name, namespace: 'default' }, data });

describe('createObjects', () => {
  it('gives an object its identity and a version', () => {
    const created = objects().create('configmaps', map('a'));
    expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(Object.isFrozen(created.data)).toBe(true);
  });

  it('refuses a second object of the name, an unknown namespace and a missing name', () => {
    const api = objects();
    api.create('configmaps', map('a'));
    expect(() => api.create('configmaps', map('a'))).toThrow('configmaps "a" already exists');
    expect(() => api.create('configmaps', { metadata: { name: 'a', namespace: 'shop' } })).toThrow('namespaces "shop" not found');
    expect(() => api.create('configmaps', { metadata: { namespace: 'default' } })).toThrow('name or generateName is required');
  });

  it('makes up names', () => {
    const api = objects();
    const made = api.create('pods', { metadata: { generateName: 'web-', namespace: 'default' }, spec: { containers: [{ name: 'web', image: 'web:1' }] } });
    expect(made.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
  });

  it('takes a version as precondition', () => {
    const api = objects();
    const first = api.create('configmaps', map('a'));
    api.update('configmaps', { ...first, data: { x: '1' } });
    expect(() => api.update('configmaps', { ...first, data: { x: '2' } })).toThrow('the object has been modified');
  });

  it('does not write what is unchanged', () => {
    const api = objects();
    const first = api.create('configmaps', map('a', { x: '1' }));
    expect(api.update('configmaps', structuredClone(first)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('tells watchers what is there, then every write in order, also of writes by watchers', () => {
    const api = objects();
    api.create('configmaps', map('a'));
    const seen: string[] = [];
    api.watch('configmaps', ({ type, object }) => {
      if (type === 'added' && object.metadata.name === 'b') api.update('configmaps', { ...object, data: { by: 'watcher' } });
    });
    const stop = api.watch('configmaps', ({ type, object }) => seen.push(`${type} ${object.metadata.name}`));
    api.create('configmaps', map('b'));
    api.delete('configmaps', 'default', 'a');
    stop();
    api.create('configmaps', map('c'));
    expect(seen).toEqual(['added a', 'added b', 'modified b', 'deleted a']);
  });

  it('keeps what has finalizers until they are gone', () => {
    const api = objects();
    api.create('configmaps', { metadata: { name: 'a', namespace: 'default', finalizers: ['shepherd.dev/wait'] } });
    api.delete('configmaps', 'default', 'a');
    const held = api.get('configmaps', 'default', 'a') as KubeObject;
    expect(held.metadata.deletionTimestamp).toBeDefined();
    const { finalizers: _, ...metadata } = held.metadata;
    api.update('configmaps', { ...held, metadata });
    expect(api.get('configmaps', 'default', 'a')).toBeUndefined();
  });

  it('gives a running pod its grace and removes it at 0', () => {
    const api = objects();
    const spec = { nodeName: 'node-1', terminationGracePeriodSeconds: 7, containers: [{ name: 'web', image: 'web:1' }] };
    api.create('pods', { metadata: { name: 'web', namespace: 'default' }, spec });
    api.delete('pods', 'default', 'web');
    expect(api.get('pods', 'default', 'web')?.metadata.deletionGracePeriodSeconds).toBe(7);
    api.delete('pods', 'default', 'web', { grace: 0 });
    expect(api.get('pods', 'default', 'web')).toBeUndefined();
    expect(() => api.delete('pods', 'default', 'web')).not.toThrow();
  });

  it('separates spec and status', () => {
    const api = objects();
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
    const made = api.create('deployments.apps', {
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template },
    });
    expect(made.metadata.generation).toBe(1);
    const withStatus = api.updateStatus('deployments.apps', { ...made, spec: {}, status: { replicas: 2 } });
    expect(withStatus).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 2 }, status: { replicas: 2 } });
    const scaled = api.update('deployments.apps', { ...withStatus, spec: { ...withStatus.spec, replicas: 3 }, status: {} });
    expect(scaled).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 2 } });
  });
});
