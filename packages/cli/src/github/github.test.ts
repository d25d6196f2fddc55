import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEntries, readLog } from '../__fixtures__/actions-runner.js';
import { type FakeCluster, fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';
import { summaryOf } from './summary.js';

declare global {
  var __PACKAGE_VERSION__: string;
}
globalThis.__PACKAGE_VERSION__ = '0.0.0';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-github-'));
  for (const name of ['output', 'summary']) await writeFile(join(folder, name), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const canary = 'deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 50,100 --interval 60 --yes';

/** One command line as a step of a job. */
async function step(
  argv: string | readonly string[],
  { cluster = fakeCluster(), meanwhile }: { cluster?: FakeCluster; meanwhile?: (io: FakeIo) => Promise<void> } = {},
) {
  const io = new FakeIo({
    env: {
      GITHUB_ACTIONS: 'true',
      CI: 'true',
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      RUNNER_TEMP: join(folder, 'temp'),
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_REPOSITORY: 'shop/web',
      GITHUB_RUN_ID: '7',
    },
  });
  const running = main(typeof argv === 'string' ? argv.split(' ') : argv, io, cluster.options);
  await meanwhile?.(io);
  const code = await running;
  const [outputs, summary] = await Promise.all(['output', 'summary'].map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return { code, io, outputs: readEntries(outputs ?? ''), summary: summary ?? '', ...readLog(io.out), cluster };
}

const annotations = ({ obeyed }: { obeyed: ReturnType<typeof readLog>['obeyed'] }): readonly string[] =>
  obeyed.filter(({ name }) => ['notice', 'warning', 'error'].includes(name)).map(({ name, properties: { title }, data }) => `${name} ${title}: ${data}`);

test('a release: outputs, a page with every step, one annotation, a file with every event', async () => {
  const run = await step(canary);
  const { code, outputs, summary, obeyed } = run;
  expect(code).toBe(0);
  expect(outputs).toEqual({
    outcome: 'succeeded',
    'rollout-id': expect.stringMatching(/^memory_-_web_/),
    revision: 'hash-1.1.0',
    'previous-revision': 'hash-1.0.0',
    'rolled-back': 'false',
    'duration-seconds': expect.stringMatching(/^\d+\.\d{3}$/),
    'report-path': expect.stringContaining(join(folder, 'temp', 'shepherd-memory_-_web_')),
    'exit-code': '0',
  });
  expect(annotations(run)).toEqual([expect.stringMatching(/^notice web: succeeded: runs .*1\.1\.0$/)]);
  expect(obeyed.filter(({ name }) => name === 'group').map(({ data }) => data)).toEqual(['plan of web']);
  expect(summary).toMatch(/^## web: succeeded\n/);
  expect(summary).toMatch(/\| \d+ \| [^|]*50 %[^|]* \| 50 % \| 50 % \| [^|]+ \| pass/);
  expect(summary).toContain('shepherd rollback web -n default --to hash-1.0.0');
  expect(summary).toContain('[this run](https://github.example/shop/web/actions/runs/7)');
  const lines = (await readFile(outputs['report-path'] ?? '', 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect([lines[0].type, lines.at(-1).type, lines.at(-1).exitCode]).toEqual(['rollout-start', 'result', 0]);
});

test('one that is taken back: an error, the steps back, what is serving', async () => {
  const cluster = fakeCluster({ versions: { '1.1.0': { crashesAfterMs: 30_000 } } });
  const run = await step(canary, { cluster });
  expect(run.code).toBe(3);
  expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'rolled-back': 'true', 'exit-code': '3', revision: 'hash-1.0.0' });
  expect(annotations(run)).toEqual([expect.stringMatching(/^error web: rolled back: runs .*1\.0\.0.* again: /)]);
  expect(run.summary).toMatch(/\| way back: /);
  expect(run.summary).not.toContain('### Undo');
});

test('bad input: the error with its fix, an exit code, and no summary of a rollout', async () => {
  const run = await step('deploy web --image r/web:1.1.0 --strategy bluegreen --yes');
  expect([run.code, run.outputs]).toEqual([2, { 'exit-code': '2' }]);
  expect(annotations(run)).toEqual([expect.stringMatching(/^error ERR_INVALID_OPTIONS: .*nearest: blue-green/s)]);
  expect(run.summary).toContain('not started');
});

test('lint: one annotation a rule, whatever it was found at, and never more than the runner keeps', async () => {
  const finding = (id: string, level: 'error' | 'warning', object: string) => ({ id, level, object, message: 'm', fix: 'f' }) as const;
  const many = Array.from({ length: 14 }, (_, index) => finding(`rule-${index}`, 'warning', 'Deployment web'));
  const twice = [finding('min-ready', 'warning', 'Deployment web'), finding('min-ready', 'warning', 'Deployment api')];
  const few = await step('preflight web --image r/web:1.1.0', { cluster: fakeCluster({ findings: twice }) });
  expect(annotations(few)).toEqual([expect.stringMatching(/^warning min-ready: Deployment web.*\nDeployment api/s)]);
  const all = await step('plan web --image r/web:1.1.0', { cluster: fakeCluster({ findings: many }) });
  expect(annotations(all)).toHaveLength(10);
  expect(annotations(all).at(-1)).toBe('warning lint: 5 more rules, named in the summary');
  expect(all.summary).toContain('`rule-13`');
});

test('what somebody typed is neither obeyed by the runner nor Markdown', async () => {
  const reason = '::error::owned\n<img src=x onerror=1> | [click](https://evil.example) \u001b[31mred';
  const run = await step([...canary.split(' '), '--reason', reason]);
  expect(run.code).toBe(0);
  expect(annotations(run)).toHaveLength(1);
  for (const text of ['<img', '[click](', '\u001b']) expect(run.summary).not.toContain(text);
  expect(run.summary.split('\n').filter((line) => line.startsWith('| because |'))).toHaveLength(1);
});

test('a secret of a channel is masked in the log, and shown nowhere', async () => {
  await writeFile(join(folder, 'hook'), 'https://127.0.0.1/services/T0/B0/abcdef');
  await writeFile(
    join(folder, 'shepherd.config.json'),
    JSON.stringify({ notify: { channels: { chat: { kind: 'slack', webhook: { file: join(folder, 'hook') } } } } }),
  );
  const run = await step([...canary.split(' '), '--config', join(folder, 'shepherd.config.json'), '--notify-flush-timeout', '0']);
  expect(run.obeyed.filter(({ name }) => name === 'add-mask').map(({ data }) => data)).toEqual(['https://127.0.0.1/services/T0/B0/abcdef']);
  expect(run.shown.join('\n')).not.toContain('abcdef');
  expect(run.io.err).not.toContain('add-mask');
});

test("with --json the output is a program's: no command in it, no file written", async () => {
  const { code, outputs, summary, io } = await step(`${canary} --json`);
  expect([code, outputs, summary]).toEqual([0, {}, '']);
  for (const line of io.lines) JSON.parse(line);
  expect(await readdir(folder)).not.toContain('temp');
});

test('cancelled: it goes back, and a way back that takes longer than the runner waits is left to whoever resumes it', async () => {
  const cluster = fakeCluster({ startupMs: 60_000 });
  const { clock } = cluster.memory;
  let at = 0;
  const run = await step('deploy web --image r/web:1.1.0 --yes', {
    cluster,
    async meanwhile(io) {
      while (cluster.memory.app('web').stable?.version !== '1.1.0') await clock.sleep(100);
      // Half of the pods are new by now: the old ones have to start again.
      await clock.sleep(130_000);
      at = clock.monotonicMs();
      io.signal('SIGINT');
    },
  });
  expect(run.outputs).toMatchObject({ outcome: 'detached', 'exit-code': '9' });
  expect(clock.monotonicMs() - at).toBeLessThanOrEqual(5_000);
  expect(cluster.memory.app('web').stable?.version).toBe('1.0.0');
  expect(run.summary).toMatch(/shepherd abort memory_-_web_\S+ +# take it back/);
  const rest = await step(`resume ${run.outputs['rollout-id']}`, { cluster });
  expect([rest.code, cluster.memory.app('web').candidate, cluster.memory.app('web').stable?.version]).toEqual([130, undefined, '1.0.0']);
});

test('an approval is asked for at once, and comes from anywhere', async () => {
  const cluster = fakeCluster();
  const elsewhere = new FakeIo();
  const asked = (io: FakeIo) => readLog(io.out).obeyed.filter(({ properties }) => properties['title'] === 'web: waits for approval');
  const run = await step(`${canary.replace('50,100', '100')} --approval 3600`, {
    cluster,
    async meanwhile(io) {
      while (asked(io).length === 0) await cluster.memory.clock.sleep(100);
      const id = /shepherd approve (\S+),/.exec(asked(io)[0]?.data ?? '')?.[1];
      expect(await main(['approve', id ?? ''], elsewhere, cluster.options)).toBe(0);
    },
  });
  expect([run.code, run.outputs.outcome]).toEqual([0, 'succeeded']);
});

test('an approval that does not come takes it back', async () => {
  const run = await step(`${canary} --approval 60`);
  expect([run.code, run.outputs]).toEqual([3, expect.objectContaining({ outcome: 'rolled-back', 'rolled-back': 'true' })]);
});

test('a summary that cannot be written takes nothing else with it, and is said once', async () => {
  await rm(join(folder, 'summary'));
  await mkdir(join(folder, 'summary'));
  const run = await step(canary);
  expect([run.code, run.outputs['exit-code'], annotations(run).length]).toEqual([0, '0', 1]);
  expect(run.io.err.match(/nothing more is reported: EISDIR/g)).toHaveLength(1);
});

test('a summary is cut at a line, below what GitHub takes, and says so', () => {
  const findings = Array.from({ length: 5_000 }, (_, index) => ({ id: `rule-${index}`, level: 'warning', message: 'ü'.repeat(300), fix: 'f' }) as const);
  const text = summaryOf({ steps: [], evidence: [], undelivered: [], findings, exitCode: 0, links: [] });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900_000);
  expect(Buffer.byteLength(text)).toBeGreaterThan(890_000);
  expect(
    text
      .split('\n')
      .filter((line) => line.startsWith('| warning'))
      .every((line) => line.endsWith(' |')),
  ).toBe(true);
  expect(text).toMatch(/the rest is cut: .*\n$/);
});
