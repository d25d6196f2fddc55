import type { MemoryPlatform } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { fakeCluster } from './__fixtures__/fake-cluster.js';
import { FakeIo, type FakeIoOptions } from './__fixtures__/fake-io.js';
import { main } from './main.js';

const run = async (line: string, { io: ioOptions, ...cluster }: Parameters<typeof fakeCluster>[0] & { io?: FakeIoOptions } = {}) => {
  const io = new FakeIo(ioOptions);
  const { memory, options } = fakeCluster(cluster);
  const code = await main(line.split(' '), io, options);
  return { io, memory, code, out: io.out, err: io.err };
};
const writes = (memory: MemoryPlatform): readonly string[] => memory.calls.filter((call) => call.writes).map(({ name }) => name);

const good = 'deploy web --image r/web:1.1.0 --yes';
const canary = `${good} --strategy canary --no-analysis --stages 25,100 --interval 180`;
const sick = { versions: { '1.1.0': { reply: () => ({ status: 503 }) } } };

test('a deploy says each step in a line and ends with 0', async () => {
  const { code, out, err, memory } = await run(good);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('succeeded: memory/default/web runs 1.1.0');
  expect(out).not.toContain('\u001b');
  expect(memory.app('web').stable?.version).toBe('1.1.0');
});

test('a release that is taken back ends with 3 and says why', async () => {
  const { code, out } = await run(canary, sick);
  expect(code).toBe(3);
  expect(out).toMatch(/going back: .*answered 503/);
  expect(out).toContain('rolled back: memory/default/web runs web:1.0.0');
});

test('--json: one event a line, then the outcome, nothing else', async () => {
  const { code, io, err } = await run(`${canary} --json`);
  const lines = io.lines.map((line) => JSON.parse(line));
  expect([code, err]).toEqual([0, '']);
  expect(lines.filter(({ transient, type }) => !transient && type !== 'result').map(({ sequence }) => sequence)).toEqual(
    lines.filter(({ transient, type }) => !transient && type !== 'result').map((_, index) => index + 1),
  );
  expect(lines.at(-1)).toMatchObject({ type: 'result', kind: 'succeeded', exitCode: 0, final: true });
});

test.each([
  ['plan web --image r/web:1.1.0', /3 steps|replace the pods one after the other/],
  ['deploy web --image r/web:1.1.0 --dry-run', /replace the pods one after the other/],
  ['plan web --image r/web:1.1.0 --strategy canary --no-analysis', /raise traffic to 50 %/],
  ['status web', /stable +4 of 4 pods ready +web:1.0.0/],
  ['rollback web --list', /hash-1.0.0 .*serving, verified/],
])('%s writes nothing', async (line, shown) => {
  const { code, out, memory } = await run(line);
  expect([code, writes(memory)]).toEqual([0, []]);
  expect(out).toMatch(shown);
});

test('plan --json is the plan, and deploy --expect takes its hash', async () => {
  const { out } = await run('plan web --image r/web:1.1.0 --json');
  const { hash } = JSON.parse(out);
  expect((await run(`deploy web --image r/web:1.1.0 --expect ${hash}`)).code).toBe(0);
  const other = await run(`deploy web --image r/web:1.2.0 --expect ${hash}`);
  expect([other.code, writes(other.memory)]).toEqual([5, []]);
  expect(other.err).toContain('ERR_PLAN_CHANGED');
});

test.each<[string, number, string]>([
  ['deploy web --image r/web:1.1.0 --strategy bluegreen --yes', 2, 'nearest: blue-green'],
  ['deploy web --imagee r/web:1.1.0 --yes', 2, "unknown option '--imagee' (Did you mean --image?)"],
  ['deplo web', 2, "unknown command 'deplo' (Did you mean deploy?)"],
  ['deploy web --image', 2, 'argument missing'],
  ['deploy nothere --image r/web:1.1.0 --yes', 2, 'ERR_APP_NOT_FOUND'],
  ['deploy web --image r/web:1.1.0', 2, '--yes'],
  ['rollback web --yes --to hash-9', 2, 'ERR_REVISION_NOT_FOUND'],
  ['watch memory_default_web_01KDVDNA00S8BNQNW8', 2, 'ERR_ROLLOUT_NOT_FOUND'],
  ['status web --config missing.json', 2, 'missing.json'],
])('bad input: %s', async (line, code, said) => {
  const result = await run(line);
  expect([result.code, writes(result.memory), result.out]).toEqual([code, [], '']);
  expect(result.err).toContain(said);
  expect(result.err).toMatch(/^ERR_[A-Z_]+: .+\n {2}fix: .+\n {2}more: https:/);
  expect(result.err).not.toContain('    at ');
});

test('with --json an error is the last line of stdout too', async () => {
  const { io, code } = await run('deploy web --image r/web:1.1.0 --strategy x --yes --json');
  expect(code).toBe(2);
  expect(JSON.parse(io.lines.at(-1) ?? '')).toMatchObject({ type: 'result', kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS' }, exitCode: 2 });
});

test.each([
  [[], 2],
  [['--help'], 0],
  [['deploy', '--help'], 0],
  [['--version'], 0],
])('%j ends with %i', async (argv, code) => {
  const io = new FakeIo();
  expect(await main(argv, io)).toBe(code);
  expect(code === 0 ? io.out : io.err).not.toBe('');
});

test('status and watch tell of the last rollout; a rollback goes back to what was good', async () => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  const line = (text: string): Promise<number> => main(text.split(' '), io, options);
  expect(await line(good)).toBe(0);
  expect(await line('rollback web --yes --reason slow')).toBe(0);
  expect(memory.app('web').stable?.version).toBe('1.0.0');
  const id = /rollout +(memory_\S+)/.exec((await line('status web'), io.out))?.[1];
  const before = io.out.length;
  expect(await line(`watch ${id}`)).toBe(0);
  expect(io.out.slice(before)).toContain('succeeded');
});

test('the first Ctrl-C takes it back, the outcome says 130', async () => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  const done = main(canary.split(' '), io, options);
  while (!io.out.includes('monitoring for')) await memory.clock.sleep(100);
  io.signal('SIGINT');
  expect(await done).toBe(130);
  expect(io.err).toBe('SIGINT: taking it back; once more leaves at once\n');
  expect([memory.app('web').stable?.version, memory.app('web').candidate, io.exited]).toEqual(['1.0.0', undefined, undefined]);
});

test('SIGTERM ends with 143; a second signal leaves at once', async () => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  const done = main(canary.split(' '), io, options);
  while (!io.out.includes('monitoring for')) await memory.clock.sleep(100);
  io.signal('SIGTERM');
  io.signal('SIGINT');
  expect(io.exited).toBe(130);
  expect(await done).toBe(143);
});

test('--on-interrupt pause leaves it where it stands; resume goes on', async () => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  const done = main([...canary.split(' '), '--on-interrupt', 'pause'], io, options);
  while (!io.out.includes('monitoring for')) await memory.clock.sleep(100);
  io.signal('SIGINT');
  expect(await done).toBe(7);
  expect(memory.app('web').candidate?.version).toBe('1.1.0');
  expect(io.out).toMatch(/paused by \S+ until .*: SIGINT\n.*shepherd resume memory_\S+\n.*shepherd abort memory_\S+\n.*unless somebody drives it by/);
  await main(['status', 'web'], io, options);
  expect(io.out).toMatch(/nobody drives it.*\n *taken back by whoever recovers, or the watchdog, from 2026/);
  expect(await main(['resume', 'web'], io, options)).toBe(0);
  expect([memory.app('web').stable?.version, memory.app('web').candidate]).toEqual(['1.1.0', undefined]);
  expect(await main(['deploy', 'web', '--image', 'r/web:1.2.0', '--yes'], io, options)).toBe(0);
});

const terminal = { columns: 90, rows: 30 };

test.each([
  ['a person at a terminal', '', {}, 7, '1.1.0'],
  ['a person who said so', ' --on-interrupt rollback', {}, 130, undefined],
  ['a CI system with a terminal', '', { CI: 'true' }, 130, undefined],
] as const)('Ctrl-C of %s', async (_, flags, env, code, candidate) => {
  const io = new FakeIo({ terminal, env });
  const { memory, options } = fakeCluster();
  const done = main(`${canary} -o plain${flags}`.split(' '), io, options);
  while (!io.out.includes('monitoring for')) await memory.clock.sleep(100);
  io.signal('SIGINT');
  expect(await done).toBe(code);
  expect(memory.app('web').candidate?.version).toBe(candidate);
});

test('at a terminal: the plan, a question, a live display, the cursor back', async () => {
  const { code, out, io } = await run('deploy web --image r/web:1.1.0', { io: { terminal, answers: [[/\[y\/N\]/, 'y\n']] } });
  expect(code).toBe(0);
  expect(io.err).toContain('Release r/web:1.1.0 to web? [y/N]');
  expect(out).toContain('replace the pods one after the other');
  expect(out.indexOf('\u001b[?25l')).toBeLessThan(out.lastIndexOf('\u001b[?25h'));
  expect(out.trimEnd().split('\n').at(-1)).toContain('succeeded: memory/default/web');
});

test.each(['n\n', '\n', 'maybe\n'])('the answer %j changes nothing', async (answer) => {
  const { code, memory } = await run('deploy web --image r/web:1.1.0', { io: { terminal, answers: [[/\[y\/N\]/, answer]] } });
  expect([code, writes(memory)]).toEqual([5, []]);
});

test('no answer is a no after ten minutes', async () => {
  const { code, memory, err } = await run('deploy web --image r/web:1.1.0', { io: { terminal } });
  expect([code, writes(memory), memory.clock.monotonicMs()]).toEqual([5, [], 600_000]);
  expect(err).toContain('no answer for ten minutes: no');
});

test.each([
  ['y', 0, '1.1.0'],
  ['n', 3, '1.0.0'],
])('between stages the key %s decides', async (key, code, version) => {
  const line = 'deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 50,100 --interval 10';
  const answers = [
    [/\[y\/N\]/, 'y\n'],
    [/y = go on/, key],
  ] as const;
  const result = await run(line, { io: { terminal, answers } });
  expect([result.code, result.memory.app('web').stable?.version]).toEqual([code, version]);
});

test('CI gets lines on a terminal too, NO_COLOR a display without colours', async () => {
  const escape = '\u001b\\[';
  const cursor = new RegExp(`${escape}(\\?25[lh]|\\d*[AJK])`);
  const colour = new RegExp(`${escape}\\d+m`);
  const out = async (env: Readonly<Record<string, string>>, flags = ''): Promise<string> => (await run(`${good}${flags}`, { io: { terminal, env } })).out;
  expect(await out({ CI: '1' })).not.toMatch(cursor);
  expect(await out({ CI: '1' }, ' --no-color')).not.toContain('\u001b');
  expect(await out({ NO_COLOR: '1' })).toMatch(cursor);
  expect(await out({ NO_COLOR: '1' })).not.toMatch(colour);
  expect(await out({})).toMatch(colour);
});

test('-o json is the result alone; -q only what it came to', async () => {
  const { io, err } = await run(`${canary} -o json`);
  expect([io.lines.length, err]).toEqual([1, '']);
  expect(JSON.parse(io.lines[0] ?? '')).toMatchObject({ schemaVersion: 1, type: 'result', outcome: 'succeeded', exitCode: 0 });
  const quiet = await run(`${canary} -q`);
  expect([quiet.io.lines.length, quiet.err]).toEqual([1, '']);
  expect(quiet.out).toContain('succeeded: memory/default/web runs 1.1.0');
  expect((await run(`${canary} -q`, sick)).out).toMatch(/^rolled back: [^\n]*\n/);
});

test('every line of NDJSON says its schema, time, rollout, number and type', async () => {
  const { io } = await run(`${canary} -o ndjson`);
  for (const line of io.lines) {
    const event = JSON.parse(line);
    expect(Object.keys(event)[0]).toBe('schemaVersion');
    expect(event).toMatchObject({
      schemaVersion: 1,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      rolloutId: expect.stringMatching(/^memory_/),
      sequence: expect.any(Number),
      type: expect.any(String),
    });
  }
  expect(JSON.parse(io.lines.at(-1) ?? '').steps.length).toBeGreaterThan(5);
});

test('--no-input asks nothing, at a terminal too', async () => {
  const { code, err, memory } = await run('deploy web --image r/web:1.1.0 --no-input', { io: { terminal } });
  expect([code, writes(memory)]).toEqual([2, []]);
  expect(err).toContain('--yes');
});

test('status --events: what the platform noted, after the state', async () => {
  const { code, out, memory } = await run('status web --events');
  expect([code, writes(memory)]).toEqual([0, []]);
  expect(out).toContain('events: none since it began');
});

test('watch --pods: the pods, then each change until the rollout ends, with its exit code', async () => {
  const io = new FakeIo();
  const deployIo = new FakeIo();
  const { memory, options } = fakeCluster();
  const deploying = main(canary.split(' '), deployIo, options);
  while (!deployIo.out.includes('monitoring for')) await memory.clock.sleep(100);
  expect(await main(['watch', 'web', '--pods'], io, options)).toBe(0);
  expect(await deploying).toBe(0);
  expect(io.out).toMatch(/POD +TRACK +READY +STATUS +RESTARTS +AGE +IMAGE\n/);
  expect(io.out).toMatch(/ {2}candidate {2}1\/1 {4}Running/);
  expect(io.out).toMatch(/ \+ \S+ {2}stable {2}web:1\.1\.0 {2}0\/1 ready {2}ContainerCreating\n/);
  expect(io.out).toMatch(/ContainerCreating → Running {2}0\/1 ready → 1\/1 ready\n/);
  expect(io.out).toMatch(/- \S+ {2}stable {2}gone\n/);
  expect(io.lines.at(-1)).toContain('succeeded');
});

test('watch --pods without a rollout goes on until Ctrl-C; --json is a change a line', async () => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  const done = main(['watch', 'web', '--pods', '--json'], io, options);
  while (io.lines.length < 4) await memory.clock.sleep(100);
  io.signal('SIGINT');
  expect(await done).toBe(130);
  expect(io.lines.map((line) => JSON.parse(line)).map(({ type, kind, pod }) => [type, kind, pod.state])).toEqual(Array(4).fill(['pod', 'came', 'Running']));
});
