import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startGithub } from './__fixtures__/github.js';
import { buildAction, FakeRunner, type StepResult } from './__fixtures__/run-step.js';

let built: string;
let file: string;
beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'shepherd-action-'));
  file = await buildAction(built);
}, 240_000);
afterAll(() => rm(built, { recursive: true, force: true }));

let sandbox: Sandbox;
let runner: FakeRunner;
beforeEach(async () => {
  sandbox = await createSandbox({ time: 'real' });
  for (const each of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${each}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  const kubeconfig = join(built, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.connection.kubeconfig);
  runner = await FakeRunner.open(file, { KUBECONFIG: kubeconfig });
});
afterEach(async () => {
  await runner[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

const readAction = async () => parse(await readFile(new URL('../../../action.yml', import.meta.url), 'utf8'));

const web = { app: 'web', namespace: 'shop' };
const release = { ...web, image: 'r/web', 'image-tag': '1.1.0' };
const canary = { ...release, strategy: 'canary', 'auto-promote': 'true' };
const quick = '--no-analysis --stages 50,100 --interval 1 --drain 0';
const endless = '--no-analysis --stages 50,100 --interval 600 --drain 0';

const serving = (): string => sandbox.objects.get('deployments.apps', 'shop', 'web')?.spec.template.spec.containers[0].image;
const names = (): readonly string[] => sandbox.objects.list('deployments.apps', 'shop').map(({ metadata }) => metadata.name);
const said = ({ obeyed }: StepResult): readonly string[] =>
  obeyed.filter(({ name }) => /^(notice|warning|error)$/.test(name)).map(({ name, properties: { title } }) => `${name} ${title}`);

test('action.yml names the inputs that are read, and the file that is built', async () => {
  const { runs, inputs } = await readAction();
  expect(runs).toMatchObject({ using: 'node24', main: 'packages/action/dist/action.mjs', post: 'packages/action/dist/action.mjs' });
  const source = await readFile(new URL('inputs.ts', import.meta.url), 'utf8');
  expect([...source.matchAll(/(?:textOf\(env, |yes\()'([a-z-]+)'/g)].map(([, name]) => name).toSorted()).toEqual(Object.keys(inputs).toSorted());
});

// Its last check counts errors for a minute.
test('a canary goes through: exit code, outputs, summary, one annotation, a report; its post script has nothing to do', { timeout: 180_000 }, async () => {
  const step = await runner.run({ ...canary, args: quick, reason: 'new prices' });
  expect([step.code, serving(), names()], step.shown).toEqual([0, 'r/web:1.1.0', ['web']]);
  expect(step.outputs).toMatchObject({ outcome: 'succeeded', 'rolled-back': 'false', 'exit-code': '0' });
  expect(step.outputs['rollout-id']).toMatch(/_shop_web_/);
  expect(Number(step.outputs['duration-seconds'])).toBeGreaterThan(2);
  expect(Object.keys((await readAction()).outputs).toSorted()).toEqual(Object.keys(step.outputs).toSorted());
  expect(step.summary).toMatch(/^## web: succeeded\n/);
  expect(step.summary).toMatch(/\| [^|]*50 %[^|]*\| 50 % \| 50 % \|/);
  expect(step.summary).toContain('new prices');
  expect(said(step).filter((each) => each.includes('web'))).toEqual(['notice web: succeeded']);
  expect(step.env).toEqual({});
  const report = (await readFile(step.outputs['report-path'] ?? '', 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(report.at(-1)).toMatchObject({ type: 'result', outcome: 'succeeded', exitCode: 0 });
  expect(step.state).toMatchObject({ main: 'true', rollout: step.outputs['rollout-id'], over: 'succeeded' });
  const post = await runner.run({ ...canary, args: quick }, { state: step.state });
  expect([post.code, post.shown, post.summary]).toEqual([0, '', '']);
});

test('github-deployments: a release that fails is a failure there, and where GitHub hangs the step ends all the same', { timeout: 120_000 }, async () => {
  await using github = await startGithub();
  await using telling = await FakeRunner.open(file, {
    KUBECONFIG: join(built, 'kubeconfig'),
    GITHUB_API_URL: github.api,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: 'c1',
    GITHUB_RUN_ID: '7',
  });
  sandbox.image('r/web:1.2.0', { crash: { exitCode: 1 } });
  const inputs = { ...canary, 'image-tag': '1.2.0', args: quick, 'github-deployments': 'true', 'github-token': 'token' };
  const step = await telling.run(inputs);
  expect([step.code, github.told()], step.shown).toEqual([3, [['in_progress', 'failure']]]);
  expect(github.deployments[0]).toMatchObject({ sha: 'c1', environment: 'shop' });
  github.mode = 'hangs';
  const hung = await telling.run(inputs);
  expect([hung.code, hung.killedBy], hung.shown).toEqual([3, null]);
  const without = await telling.run({ ...inputs, 'github-token': '' });
  expect([without.code, without.shown]).toEqual([
    2,
    expect.stringContaining('github-deployments: got no token, expected github-token: ${{ github.token }} beside it'),
  ]);
});

test('a release that crashes is taken back: the step fails and says why', async () => {
  sandbox.image('r/web:1.2.0', { crash: { exitCode: 1 } });
  const step = await runner.run({ ...canary, 'image-tag': '1.2.0', args: quick });
  expect([step.code, serving(), names()], step.shown).toEqual([3, 'r/web:1.0.0', ['web']]);
  expect(step.outputs).toMatchObject({ outcome: 'rolled-back', 'rolled-back': 'true', 'exit-code': '3' });
  expect(said(step)).toContain('error web: rolled back');
  expect(step.summary).toContain('| cause |');
});

test('dry-run shows the plan, writes nothing and passes', async () => {
  const before = sandbox.objects.list('deployments.apps', 'shop');
  const step = await runner.run({ ...canary, 'dry-run': 'true', args: quick });
  expect([step.code, step.outputs['exit-code'], step.outputs['outcome']]).toEqual([0, '0', undefined]);
  expect(step.summary).toMatch(/### Plan\n\n```text\nplan /);
  expect(sandbox.objects.list('deployments.apps', 'shop')).toEqual(before);
  expect(sandbox.objects.list('leases.coordination.k8s.io', 'shop')).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['an input that does not fit its command', { ...web, command: 'rollback', strategy: 'canary' }, 'strategy: got it with command: rollback'],
  ['a strategy that does not exist', { ...canary, strategy: 'bluegreen' }, 'nearest: blue-green'],
  ['a tag that says more than a tag', { ...canary, 'image-tag': 'v1,replicas=0' }, 'image-tag'],
  ['an app that is not there', { ...canary, app: 'wbe' }, 'ERR_APP_NOT_FOUND'],
])('bad input: %s', async (_, inputs, what) => {
  const step = await runner.run({ args: quick, ...inputs });
  expect([step.code, step.outputs['exit-code'], serving()]).toEqual([2, '2', 'r/web:1.0.0']);
  expect(step.shown).toContain(what);
  expect(step.obeyed.filter(({ name }) => name === 'error')).toHaveLength(1);
});

describe('foreign text', () => {
  test('what a pod, a registry and a person say is shown, and nothing of it is obeyed', async () => {
    sandbox.image('r/web:1.2.0', { crash: { exitCode: 1, log: '::error title=owned::by a pod\n##[add-mask]web\n::stop-commands::x' } });
    const step = await runner.run({ ...canary, 'image-tag': '1.2.0', args: quick, reason: 'because\n::set-output name=exit-code::0' });
    expect(step.outputs['exit-code']).toBe('3');
    for (const text of ['::error title=owned::by a pod', '##[add-mask]web', '::set-output name=exit-code::0']) expect(step.shown).toContain(text);
    expect(step.obeyed.map(({ name }) => name).filter((name) => ['set-output', 'add-mask', 'stop-commands'].includes(name))).toEqual([]);
    expect(said(step).filter((each) => each.includes('owned'))).toEqual([]);
    expect(step.summary).not.toMatch(/^::/m);
  });
});

/** As the runner cancels: SIGINT, SIGTERM 7.5 s later, the end 2.5 s after that. @returns how long it took to be gone */
async function cancel(step: Awaited<ReturnType<FakeRunner['start']>>): Promise<number> {
  const began = performance.now();
  step.child.kill('SIGINT');
  const term = setTimeout(() => step.child.kill('SIGTERM'), 7_500);
  const kill = setTimeout(() => step.child.kill('SIGKILL'), 10_000);
  await step.result;
  clearTimeout(term);
  clearTimeout(kill);
  return performance.now() - began;
}

describe('cancelled', () => {
  test('within five seconds: back by then, or else at the end of the job', async () => {
    const step = await runner.start({ ...canary, args: endless });
    await step.until(/monitoring for/);
    const ms = await cancel(step);
    const result = await step.result;
    console.log(`cancelled in a stage: gone after ${Math.round(ms)} ms as ${result.outputs['outcome']}`);
    expect(ms).toBeLessThan(5_000);
    // On a busy machine the pods take longer to go than the runner waits.
    expect(['rolled-back 130', 'detached 9'], result.shown).toContain(`${result.outputs['outcome']} ${result.code}`);
    expect(result.outputs['exit-code']).toBe(String(result.code));
    const post = await runner.run({ ...canary, args: endless }, { state: result.state });
    expect([post.code, serving(), names()], post.shown).toEqual([0, 'r/web:1.0.0', ['web']]);
  });

  test('within five seconds also where the way back takes longer; the post script goes it to its end', async () => {
    // Old pods of a rolling update take their time to start again.
    sandbox.image('r/web:1.0.0', { startup: '8s' });
    const step = await runner.start({ ...release, args: '--drain 0' });
    while (
      !sandbox.objects
        .list('pods', 'shop')
        .some(({ spec, status }) => spec.containers[0].image === 'r/web:1.1.0' && status?.containerStatuses?.[0]?.ready === true)
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    const ms = await cancel(step);
    const result = await step.result;
    console.log(`cancelled, on the way back: gone after ${Math.round(ms)} ms as ${result.outputs['outcome']}`);
    expect(ms).toBeLessThan(5_000);
    expect([result.code, result.killedBy, result.outputs['outcome']], result.shown).toEqual([9, null, 'detached']);
    expect(result.summary).toContain(`shepherd abort ${result.outputs['rollout-id']}`);
    expect(result.state['over']).toBeUndefined();
    const post = await runner.run({ ...release, args: '--drain 0' }, { state: result.state });
    expect([post.code, serving(), names()], post.shown).toEqual([0, 'r/web:1.0.0', ['web']]);
    expect(post.shown).toContain('was left on its way: it is taken back here');
  });

  test('killed outright, the post script takes it back', async () => {
    const step = await runner.start({ ...canary, args: endless });
    await step.until(/monitoring for/);
    step.child.kill('SIGKILL');
    const { state } = await step.result;
    const post = await runner.run({ ...canary, args: endless }, { state });
    expect([post.code, serving(), names()], post.shown).toEqual([0, 'r/web:1.0.0', ['web']]);
  }, 90_000);

  test('on-interrupt: pause leaves it where it stands, and so does the post script', async () => {
    const step = await runner.start({ ...canary, 'on-interrupt': 'pause', args: endless });
    await step.until(/monitoring for/);
    const ms = await cancel(step);
    const result = await step.result;
    expect([result.code, result.outputs['outcome'], names().toSorted()], result.shown).toEqual([7, 'paused', ['web', 'web-candidate']]);
    expect(ms).toBeLessThan(5_000);
    const post = await runner.run({ ...canary, args: endless }, { state: result.state });
    expect([post.code, post.shown, names().toSorted()]).toEqual([0, '', ['web', 'web-candidate']]);
  });

  test('a cluster that no longer answers keeps nobody: gone within five seconds', async () => {
    const step = await runner.start({ ...canary, args: endless });
    await step.until(/monitoring for/);
    sandbox.fault({}, 'hang');
    const ms = await cancel(step);
    const result = await step.result;
    console.log(`cancelled, no answer from the cluster: gone after ${Math.round(ms)} ms with ${result.code}`);
    expect(ms).toBeLessThan(5_000);
    expect([result.killedBy, result.outputs['exit-code']], result.shown).toEqual([null, String(result.code)]);
  });
});
