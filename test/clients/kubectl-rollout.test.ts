import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientLab, openClientLab, whyWithout } from './lab.js';
import { budgetManifest, webManifest } from './manifests.js';

let lab: ClientLab;
const kubectl = (...args: string[]): Promise<string> => lab.run('kubectl', args);
const image = (): Promise<string> => kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}');
const settled = (): Promise<string> => kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');

describe.skipIf(whyWithout('kubectl'))('kubectl rolls out, and drains', () => {
  beforeAll(async () => {
    lab = await openClientLab();
    await lab.run('kubectl', ['apply', '-f', '-'], webManifest());
    await settled();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('status, history, undo, restart', async () => {
    await kubectl('set', 'image', 'deployment/web', 'web=registry/web:1.3.0');
    await kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=1.3.0 is better');
    expect(await settled()).toMatch(/deployment "web" successfully rolled out\n$/);
    expect(await kubectl('rollout', 'history', 'deployment/web')).toMatch(/REVISION +CHANGE-CAUSE\n1 +<none>\n2 +1\.3\.0 is better\n/);
    expect(await kubectl('rollout', 'history', 'deployment/web', '--revision=1')).toContain('registry/web:1.2.0');
    expect(await kubectl('rollout', 'undo', 'deployment/web')).toBe('deployment.apps/web rolled back\n');
    await settled();
    expect(await image()).toBe('registry/web:1.2.0');
    expect(await kubectl('rollout', 'history', 'deployment/web')).toMatch(/\n2 +1\.3\.0 is better\n3 +<none>\n/);
    await kubectl('rollout', 'undo', 'deployment/web', '--to-revision=2');
    await settled();
    expect(await image()).toBe('registry/web:1.3.0');
    expect((await lab.attempt('kubectl', ['rollout', 'undo', 'deployment/web', '--to-revision=9'])).stderr).toContain(
      'unable to find specified revision 9 in history',
    );
    expect(await kubectl('rollout', 'restart', 'deployment/web')).toBe('deployment.apps/web restarted\n');
    await settled();
    expect(await kubectl('get', 'deployment', 'web', '-o', 'yaml')).toContain('kubectl.kubernetes.io/restartedAt');
  });

  test('a paused deployment changes nothing until it is resumed', async () => {
    const sets = (): Promise<string> => kubectl('get', 'replicasets', '-o', 'name');
    expect(await kubectl('rollout', 'pause', 'deployment/web')).toBe('deployment.apps/web paused\n');
    const before = await sets();
    await kubectl('set', 'env', 'deployment/web', 'PAUSED=1');
    expect((await lab.attempt('kubectl', ['rollout', 'undo', 'deployment/web'])).stderr).toContain('cannot rollback a paused deployment');
    expect(await sets()).toBe(before);
    expect(await kubectl('rollout', 'resume', 'deployment/web')).toBe('deployment.apps/web resumed\n');
    await settled();
    expect(await sets()).not.toBe(before);
  });

  test('a release that crashes keeps the old pods, and undo takes it back', async () => {
    await kubectl('set', 'image', 'deployment/web', 'web=registry/web:bad');
    const { code, stderr } = await lab.attempt('kubectl', ['rollout', 'status', 'deployment/web', '--timeout=2s']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('timed out waiting for the condition')]);
    await expect.poll(() => kubectl('get', 'pods'), { timeout: 15_000 }).toMatch(/0\/1 +(CrashLoopBackOff|Error)/);
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.status.availableReplicas}')).toBe('2');
    await kubectl('rollout', 'undo', 'deployment/web');
    await settled();
  });

  test('cordon and uncordon', async () => {
    expect(await kubectl('cordon', 'node-1')).toBe('node/node-1 cordoned\n');
    expect(await kubectl('get', 'nodes')).toContain('Ready,SchedulingDisabled');
    await kubectl('run', 'late', '--image=registry/web:1.2.0');
    await kubectl('wait', '--for=jsonpath={.status.conditions[?(@.type=="PodScheduled")].reason}=Unschedulable', 'pod/late');
    expect(await kubectl('uncordon', 'node-1')).toBe('node/node-1 uncordoned\n');
    await kubectl('wait', '--for=condition=Ready', 'pod/late');
    await kubectl('delete', 'pod', 'late', '--now');
  });

  test('drain: pods are evicted as their budget allows', async () => {
    await lab.run('kubectl', ['apply', '-f', '-'], budgetManifest('web', 1));
    await expect.poll(() => kubectl('get', 'pdb', 'web', '-o', 'jsonpath={.spec.minAvailable}')).toBe('1');
    const { code, stdout, stderr } = await lab.attempt('kubectl', ['drain', 'node-1', '--ignore-daemonsets', '--timeout=4s']);
    // One of two may go; there is no other node for its replacement, so the second must stay.
    expect(stderr + stdout).toMatch(/pod\/web-\S+ evicted/);
    expect(stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(code).toBe(1);
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.status.availableReplicas}')).toBe('1');
    await kubectl('delete', 'pdb', 'web');
    expect(await kubectl('drain', 'node-1', '--ignore-daemonsets', '--timeout=20s')).toContain('node/node-1 drained');
    await kubectl('uncordon', 'node-1');
    await settled();
  });
});
