import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientLab, openClientLab, whyWithout } from './lab.js';
import { webManifest } from './manifests.js';

let lab: ClientLab;
const kubectl = (...args: string[]): Promise<string> => lab.run('kubectl', args);
const apply = (text: string, ...args: string[]): Promise<string> => lab.run('kubectl', ['apply', '-f', '-', ...args], text);
const path = async (place: string, of = 'deployment/web'): Promise<string> => kubectl('get', of, '-o', `jsonpath={${place}}`);

describe.skipIf(whyWithout('kubectl'))('kubectl writes', () => {
  beforeAll(async () => {
    lab = await openClientLab();
    await apply(webManifest());
    await kubectl('rollout', 'status', 'deployment/web');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('apply: created, unchanged, configured; a field that is left out goes', async () => {
    const manifest = webManifest({ name: 'applied' }).split('---')[0] ?? '';
    expect(await apply(manifest)).toBe('deployment.apps/applied created\n');
    expect(await apply(manifest)).toBe('deployment.apps/applied unchanged\n');
    expect(await apply(manifest.replace('1.2.0', '1.3.0').replace('labels: { app: applied }\nspec', 'annotations: {}\nspec'))).toBe(
      'deployment.apps/applied configured\n',
    );
    expect(await path('.metadata.labels', 'deployment/applied')).toBe('');
    expect(await path('.spec.template.spec.containers[0].image', 'deployment/applied')).toBe('registry/web:1.3.0');
    expect(await kubectl('apply', 'view-last-applied', 'deployment/applied')).toContain('registry/web:1.3.0');
    expect(await lab.run('kubectl', ['delete', '-f', '-'], manifest)).toContain('"applied" deleted');
  });

  test('apply --dry-run=server and diff change nothing', async () => {
    const next = webManifest({ replicas: 4 });
    const before = await path('.metadata.resourceVersion');
    expect(await apply(next, '--dry-run=server')).toContain('deployment.apps/web configured (server dry run)');
    const { code, stdout } = await lab.attempt('kubectl', ['diff', '-f', '-'], next);
    expect([code, stdout.split('\n').filter((line) => /^[+-] /.test(line))]).toEqual([
      1,
      ['-  generation: 1', '+  generation: 2', '-  replicas: 2', '+  replicas: 4'],
    ]);
    expect((await lab.attempt('kubectl', ['diff', '-f', '-'], webManifest())).code).toBe(0);
    expect(await path('.metadata.resourceVersion')).toBe(before);
  });

  test('apply --server-side: who owns a field is asked, and may be overruled', async () => {
    const manifest = webManifest({ name: 'owned' }).split('---')[0] ?? '';
    expect(await apply(manifest, '--server-side', '--field-manager=one')).toBe('deployment.apps/owned serverside-applied\n');
    const other = ['apply', '-f', '-', '--server-side', '--field-manager=two'];
    const refused = await lab.attempt('kubectl', other, manifest.replace('replicas: 2', 'replicas: 3'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Apply failed with 1 conflict: conflict with "one": \.spec\.replicas/);
    expect(await lab.run('kubectl', [...other, '--force-conflicts'], manifest.replace('replicas: 2', 'replicas: 3'))).toContain('serverside-applied');
    expect(await path('.spec.replicas', 'deployment/owned')).toBe('3');
    await kubectl('scale', 'deployment/owned', '--replicas=1');
    const scaled = await lab.attempt('kubectl', other, manifest.replace('replicas: 2', 'replicas: 3'));
    expect(scaled.stderr).toMatch(/conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    await kubectl('delete', 'deployment/owned');
  });

  test('unknown fields and wrong values are refused with their path', async () => {
    const wrong = webManifest({ name: 'wrong' }).replace('replicas:', 'replica:');
    expect((await lab.attempt('kubectl', ['apply', '-f', '-'], wrong)).stderr).toContain('strict decoding error: unknown field "spec.replica"');
    const negative = await lab.attempt('kubectl', ['apply', '-f', '-'], webManifest({ name: 'wrong', replicas: -1 }));
    expect(negative.stderr).toContain('spec.replicas: Invalid value: -1: must be greater than or equal to 0');
    await kubectl('delete', 'service', 'wrong', '--ignore-not-found');
  });

  test('patches of all types, scale, set image, set env, label, annotate', async () => {
    expect(
      await kubectl('patch', 'deployment', 'web', '-p', '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}'),
    ).toBe('deployment.apps/web patched\n');
    expect(await path('.spec.template.spec.containers[*].image')).toBe('registry/web:1.2.0');
    expect(await kubectl('patch', 'deployment', 'web', '--type=merge', '-p', '{"spec":{"replicas":3}}')).toContain('patched');
    expect(
      await kubectl(
        'patch',
        'deployment',
        'web',
        '--type=json',
        '-p',
        '[{"op":"test","path":"/spec/replicas","value":3},{"op":"replace","path":"/spec/replicas","value":1}]',
      ),
    ).toContain('patched');
    expect(await kubectl('patch', 'deployment', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":2}}')).toContain('patched');
    const failed = await lab.attempt('kubectl', ['patch', 'deployment', 'web', '--type=json', '-p', '[{"op":"test","path":"/spec/replicas","value":9}]']);
    expect(failed.code).toBe(1);
    expect(await kubectl('scale', 'deployment/web', '--current-replicas=2', '--replicas=3')).toBe('deployment.apps/web scaled\n');
    expect((await lab.attempt('kubectl', ['scale', 'deployment/web', '--current-replicas=2', '--replicas=5'])).stderr).toContain(
      'Expected replicas to be 2, was 3',
    );
    expect(await kubectl('set', 'image', 'deployment/web', 'web=registry/web:1.3.0')).toBe('deployment.apps/web image updated\n');
    expect(await kubectl('set', 'env', 'deployment/web', 'A=2')).toBe('deployment.apps/web env updated\n');
    expect(await path('.spec.template.spec.containers[0].env[0].value')).toBe('2');
    expect(await kubectl('label', 'deployment/web', 'tier=front')).toBe('deployment.apps/web labeled\n');
    expect((await lab.attempt('kubectl', ['label', 'deployment/web', 'tier=back'])).stderr).toContain("'tier' already has a value (front)");
    expect(await kubectl('label', 'deployment/web', 'tier-')).toBe('deployment.apps/web unlabeled\n');
    expect(await kubectl('annotate', 'deployment/web', 'note=a', '--overwrite')).toBe('deployment.apps/web annotated\n');
  });

  test('create of many kinds, replace, edit, expose', async () => {
    await kubectl('create', 'deployment', 'made', '--image=registry/web:1.2.0', '--replicas=2', '--port=5000');
    expect(await kubectl('expose', 'deployment', 'made', '--port=80', '--target-port=5000')).toBe('service/made exposed\n');
    expect(await kubectl('create', 'secret', 'generic', 'key', '--from-literal=a=b')).toBe('secret/key created\n');
    expect(await path('.data.a', 'secret/key')).toBe('Yg==');
    expect(await kubectl('create', 'configmap', 'settings', '--from-literal=a=b')).toBe('configmap/settings created\n');
    expect(await kubectl('create', 'namespace', 'shop')).toBe('namespace/shop created\n');
    expect(await kubectl('create', 'serviceaccount', 'robot')).toBe('serviceaccount/robot created\n');
    expect(await kubectl('create', 'pdb', 'made', '--selector=app=made', '--min-available=1')).toBe('poddisruptionbudget.policy/made created\n');
    expect((await lab.attempt('kubectl', ['create', 'namespace', 'shop'])).stderr).toBe(
      'Error from server (AlreadyExists): namespaces "shop" already exists\n',
    );
    const live = await kubectl('get', 'configmap', 'settings', '-o', 'yaml');
    expect(await lab.run('kubectl', ['replace', '-f', '-'], live.replace('a: b', 'a: c'))).toBe('configmap/settings replaced\n');
    const { code, stderr } = await lab.attempt('kubectl', ['replace', '-f', '-'], live.replace('a: b', 'a: d'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('the object has been modified')]);
    const edit = await lab.file('edit.sh', '#!/bin/sh\nsed -i "s/a: c/a: e/" "$1"\n');
    await lab.run('kubectl', ['edit', 'configmap', 'settings', `--kubeconfig=${lab.home}/kubeconfig`], undefined, { KUBE_EDITOR: `sh ${edit}` });
    expect(await path('.data.a', 'configmap/settings')).toBe('e');
    await kubectl('delete', 'deployment,service,pdb', 'made');
  });

  test('delete: background, foreground and orphan', async () => {
    const make = async (name: string): Promise<void> => {
      await kubectl('create', 'deployment', name, '--image=registry/web:1.2.0');
      await kubectl('wait', '--for=condition=Available', `deployment/${name}`);
    };
    const left = (name: string): Promise<string> => kubectl('get', 'replicasets,pods', '-l', `app=${name}`, '-o', 'name');
    await make('background');
    expect(await kubectl('delete', 'deployment', 'background')).toContain('"background" deleted');
    await expect.poll(() => left('background'), { timeout: 15_000 }).toBe('');
    await make('foreground');
    await kubectl('delete', 'deployment', 'foreground', '--cascade=foreground');
    expect(await kubectl('get', 'replicasets', '-l', 'app=foreground', '-o', 'name')).toBe('');
    await make('orphan');
    await kubectl('delete', 'deployment', 'orphan', '--cascade=orphan');
    expect(await left('orphan')).toMatch(/^replicaset\.apps\/orphan-\w+\npod\/orphan-\w+-\w+\n$/);
    expect(await kubectl('get', 'replicasets', '-l', 'app=orphan', '-o', 'jsonpath={.items[0].metadata.ownerReferences}')).toBe('');
    await kubectl('delete', 'replicaset,pod', '-l', 'app=orphan', '--now');
  });

  test('jobs run to their end', async () => {
    await kubectl('create', 'job', 'task', '--image=registry/task:1');
    expect(await kubectl('wait', '--for=condition=complete', 'job/task', '--timeout=20s')).toBe('job.batch/task condition met\n');
    expect(await kubectl('get', 'jobs')).toMatch(/^NAME +STATUS +COMPLETIONS +DURATION +AGE\ntask +Complete +1\/1 /);
    expect(await kubectl('logs', 'job/task')).toBe('done\n');
    expect(await kubectl('describe', 'job', 'task')).toMatch(/Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed[\s\S]*Job completed/);
    await kubectl('delete', 'job', 'task');
    expect(await kubectl('get', 'pods', '-l', 'job-name=task', '-o', 'name')).toBe('');
  });

  test('a quota counts and refuses', async () => {
    await kubectl('create', 'namespace', 'small');
    // Each namespace holds the root certificate in a ConfigMap of its own, and a quota counts it.
    await expect.poll(() => kubectl('get', 'configmaps', '-n', 'small', '-o', 'name')).toBe('configmap/kube-root-ca.crt\n');
    await kubectl('create', 'quota', 'limits', '-n', 'small', '--hard=pods=2,configmaps=2,requests.cpu=1');
    await kubectl('create', 'configmap', 'one', '-n', 'small');
    const refused = await lab.attempt('kubectl', ['create', 'configmap', 'two', '-n', 'small']);
    expect(refused.stderr).toContain(
      'configmaps "two" is forbidden: exceeded quota: limits, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    );
    const unsaid = await lab.attempt('kubectl', ['run', 'greedy', '-n', 'small', '--image=registry/web:1.2.0']);
    expect(unsaid.stderr).toContain('pods "greedy" is forbidden: failed quota: limits: must specify requests.cpu for: greedy');
    await expect
      .poll(() => kubectl('describe', 'quota', 'limits', '-n', 'small'), { timeout: 5_000 })
      .toMatch(/configmaps +2 +2\npods +0 +2\nrequests\.cpu +0 +1\n/);
    await kubectl('delete', 'namespace', 'small');
  });

  test('a namespace goes with all that is in it', async () => {
    await kubectl('create', 'namespace', 'brief');
    await lab.run('kubectl', ['apply', '-n', 'brief', '-f', '-'], webManifest());
    await kubectl('create', 'role', 'reader', '-n', 'brief', '--verb=get', '--resource=pods');
    await kubectl('delete', 'namespace', 'brief');
    expect((await lab.attempt('kubectl', ['get', 'namespace', 'brief'])).stderr).toContain('not found');
    await kubectl('create', 'namespace', 'brief');
    expect(await kubectl('get', 'deployments,services,pods,roles', '-n', 'brief', '-o', 'name')).toBe('');
  });
});
