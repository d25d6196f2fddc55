import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientLab, openClientLab, whyWithout } from './lab.js';
import { autoscalerManifest, budgetManifest, webManifest } from './manifests.js';

let lab: ClientLab;
const kubectl = (...args: string[]): Promise<string> => lab.run('kubectl', args);
/** Rows of a table without its header, cells parted by two spaces and more. */
const rows = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trimEnd().split(/ {2,}/));
const header = (table: string): string[] => table.split('\n')[0]?.trimEnd().split(/ {2,}/) ?? [];

describe.skipIf(whyWithout('kubectl'))('kubectl reads', () => {
  beforeAll(async () => {
    lab = await openClientLab();
    await lab.run('kubectl', ['apply', '-f', '-'], [webManifest(), budgetManifest(), autoscalerManifest()].join('---\n'));
    await kubectl('rollout', 'status', 'deployment/web');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('get prints the columns of each kind', async () => {
    expect(header(await kubectl('get', 'deployments'))).toEqual(['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE']);
    expect(rows(await kubectl('get', 'deployments'))[0]?.slice(0, 4)).toEqual(['web', '2/2', '2', '2']);
    expect(header(await kubectl('get', 'pods'))).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE']);
    for (const row of rows(await kubectl('get', 'pods'))) expect(row.slice(1, 4)).toEqual(['1/1', 'Running', '0']);
    expect(rows(await kubectl('get', 'services'))[0]).toEqual(['web', 'ClusterIP', expect.stringMatching(/^10\./), '<none>', '80/TCP', expect.any(String)]);
    expect(rows(await kubectl('get', 'pdb'))[0]?.slice(0, 3)).toEqual(['web', '1', 'N/A']);
    expect(rows(await kubectl('get', 'hpa'))[0]?.slice(0, 2)).toEqual(['web', 'Deployment/web']);
    expect(rows(await kubectl('get', 'nodes'))[0]?.slice(0, 2)).toEqual(['node-1', 'Ready']);
    const all = await kubectl('get', 'all');
    for (const kind of ['pod/web-', 'service/web', 'deployment.apps/web', 'replicaset.apps/web-', 'horizontalpodautoscaler.autoscaling/web']) {
      expect(all).toContain(kind);
    }
  });

  test('get -o wide, yaml, json, name, jsonpath, custom-columns, --sort-by, selectors', async () => {
    expect(header(await kubectl('get', 'deploy', '-o', 'wide')).slice(5)).toEqual(['CONTAINERS', 'IMAGES', 'SELECTOR']);
    expect(header(await kubectl('get', 'pods', '-o', 'wide')).slice(5)).toEqual(['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES']);
    expect(await kubectl('get', 'deploy', 'web', '-o', 'yaml')).toMatch(/^apiVersion: apps\/v1\nkind: Deployment\n/);
    expect(JSON.parse(await kubectl('get', 'deploy', '-o', 'json'))).toMatchObject({
      kind: 'List',
      items: [{ kind: 'Deployment', metadata: { name: 'web' } }],
    });
    expect(await kubectl('get', 'deploy,svc', '-o', 'name')).toBe('deployment.apps/web\nservice/web\n');
    expect(await kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('registry/web:1.2.0');
    expect(await kubectl('get', 'deploy', '-o', 'custom-columns=N:.metadata.name,R:.spec.replicas')).toBe('N     R\nweb   2\n');
    const names = (await kubectl('get', 'pods', '--sort-by=.metadata.name', '-o', 'name')).trim().split('\n');
    expect(names).toEqual([...names].sort());
    expect(await kubectl('get', 'pods', '-l', 'app=other', '-o', 'name')).toBe('');
    expect((await kubectl('get', 'pods', '--field-selector', 'status.phase=Running', '-o', 'name')).trim().split('\n')).toHaveLength(2);
    expect(rows(await kubectl('get', 'pods', '-A'))[0]?.[0]).toBe('default');
    expect(rows(await kubectl('get', 'pods', '--show-labels'))[0]?.at(-1)).toContain('app=web');
  });

  test('what is not there is an error with its name', async () => {
    const { code, stderr } = await lab.attempt('kubectl', ['get', 'deployment', 'nothing']);
    expect([code, stderr]).toEqual([1, 'Error from server (NotFound): deployments.apps "nothing" not found\n']);
    expect((await lab.attempt('kubectl', ['get', 'widgets'])).stderr).toContain(`the server doesn't have a resource type "widgets"`);
    expect((await lab.attempt('kubectl', ['get', 'pods', '-n', 'nowhere'])).stderr).toContain('No resources found in nowhere namespace.');
  });

  test('get -w shows changes as rows', async () => {
    const watch = lab.start('kubectl', ['get', 'configmap', '-w', '--field-selector=metadata.name=watched']);
    await kubectl('create', 'configmap', 'watched', '--from-literal=a=b');
    await watch.until('watched');
    await kubectl('patch', 'configmap', 'watched', '--type=merge', '-p', '{"data":{"c":"d"}}');
    await watch.until('watched   2');
    const { stdout } = await watch.stop();
    expect(header(stdout)).toEqual(['NAME', 'DATA', 'AGE']);
    expect(rows(stdout).map(([name, data]) => [name, data])).toEqual([
      ['watched', '1'],
      ['watched', '2'],
    ]);
  });

  test.each([
    ['deployment', /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable[\s\S]*Scaled up replica set web-/],
    ['replicaset', /Controlled By: +Deployment\/web[\s\S]*Pods Status: +2 Running[\s\S]*Created pod: web-/],
    ['pod', /Status: +Running[\s\S]*Ready: +True[\s\S]*Successfully assigned default\/web-/],
    ['service', /TargetPort: +http\/TCP\nEndpoints: +10\.[\d.]+:5000,10\.[\d.]+:5000/],
    ['node', /Ready +True[\s\S]*Non-terminated Pods: +\(2 in total\)/],
    ['hpa', /Reference: +Deployment\/web[\s\S]*Max replicas: +5/],
    ['pdb', /Min available: +1[\s\S]*Selector: +app=web/],
  ])('describe %s', async (kind, expected) => {
    await expect.poll(() => kubectl('describe', kind), { timeout: 10_000 }).toMatch(expected);
  });

  test('logs, of one pod and of a deployment, the last lines, with times, followed', async () => {
    const pod = (await kubectl('get', 'pods', '-o', 'name')).split('\n')[0] ?? '';
    expect(await kubectl('logs', pod)).toBe('version 1.2.0 listens on :5000\n');
    expect(await kubectl('logs', 'deployment/web', '--tail=1')).toBe('version 1.2.0 listens on :5000\n');
    expect(await kubectl('logs', pod, '--tail=0')).toBe('');
    expect(await kubectl('logs', pod, '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z version 1\.2\.0/);
    expect(await kubectl('logs', pod, '--since=1h')).toContain('listens');
    await kubectl('run', 'ends', '--image=registry/web:1.3.0', '--port=5000');
    await kubectl('wait', '--for=condition=Ready', 'pod/ends');
    const follow = lab.start('kubectl', ['logs', '-f', 'ends']);
    await follow.until('version 1.3.0 listens');
    await kubectl('delete', 'pod', 'ends', '--now');
    expect(await follow.done).toMatchObject({ code: 0 });
  });

  test('logs --previous of a container that crashes', async () => {
    await kubectl('run', 'crashes', '--image=registry/web:bad');
    await kubectl('wait', '--for=jsonpath={.status.containerStatuses[0].restartCount}=1', 'pod/crashes', '--timeout=30s');
    expect(await kubectl('logs', 'crashes', '--previous')).toBe('no DATABASE_URL\n');
    expect(rows(await kubectl('get', 'pod', 'crashes'))[0]?.[2]).toMatch(/Error|CrashLoopBackOff/);
    await kubectl('delete', 'pod', 'crashes', '--now');
  });

  test('api-resources, explain, events, version, cluster-info', async () => {
    expect(await kubectl('api-resources', '--no-headers')).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
    expect(await kubectl('api-resources', '--namespaced=false', '-o', 'name')).toContain('clusterroles.rbac.authorization.k8s.io');
    expect(await kubectl('api-versions')).toContain('discovery.k8s.io/v1');
    expect(await kubectl('explain', 'deployment.spec.strategy')).toMatch(/FIELD: strategy <DeploymentStrategy>[\s\S]*rollingUpdate\t<RollingUpdateDeployment>/);
    expect(await kubectl('explain', 'pod.spec.containers', '--recursive')).toContain('readinessProbe\t<Probe>');
    expect(await kubectl('events', '--for', 'deployment/web')).toContain('ScalingReplicaSet');
    expect(await kubectl('get', 'events', '--field-selector', 'involvedObject.kind=Deployment')).toContain('deployment/web');
    expect(await kubectl('version')).toContain('Server Version: v1.34');
    expect(await kubectl('cluster-info')).toContain('is running at');
  });

  test('wait', async () => {
    expect(await kubectl('wait', '--for=condition=Available', 'deployment/web')).toBe('deployment.apps/web condition met\n');
    expect(await kubectl('wait', '--for=jsonpath={.status.readyReplicas}=2', 'deployment/web')).toContain('condition met');
    const { code, stderr } = await lab.attempt('kubectl', ['wait', '--for=condition=Never', 'deployment/web', '--timeout=1s']);
    expect([code, stderr]).toEqual([1, 'error: timed out waiting for the condition on deployments/web\n']);
  });

  test('what the sandbox does not do says so', async () => {
    expect(await lab.attempt('kubectl', ['exec', 'deployment/web', '--', 'ls'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Error from server'),
    });
    expect(await lab.attempt('kubectl', ['top', 'pods'])).toMatchObject({ code: 1, stderr: expect.stringContaining('Metrics API not available') });
  });
});
