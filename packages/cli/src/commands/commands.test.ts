import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

const terminal = { columns: 90, rows: 30 };

/** Command lines of several people at their own terminals on one cluster. */
function people() {
  const { memory, options } = fakeCluster();
  const line = (text: string, io = new FakeIo()) => ({ io, code: main(text.split(' '), io, options) });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await memory.clock.sleep(100);
  };
  const events = async (): Promise<readonly Record<string, unknown>[]> => {
    const id = /memory_\S+/.exec((await (async (io) => (await line('status web', io).code, io.out))(new FakeIo())) ?? '')?.[0];
    const { io, code } = line(`watch ${id} --json`);
    await code;
    return io.lines.map((each) => JSON.parse(each) as Record<string, unknown>);
  };
  return { memory, line, until, events };
}

const slow = 'deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 50,100 --interval 600 --yes';

test.each([
  ['approve', 0, '1.1.0', true],
  ['reject', 3, '1.0.0', false],
] as const)('%s from another terminal while a deploy waits', async (command, code, version, approved) => {
  const { memory, line, until, events } = people();
  const deploy = 'deploy web --image r/web:1.1.0 --strategy blue-green --grace-period 60';
  const first = line(deploy, new FakeIo({ terminal, answers: [[/\[y\/N\]/, 'y\n']] }));
  await until(() => first.io.out.includes('y = go on'));
  const { io, code: told } = line(`${command} web --by grace --reason well`);
  expect(await told).toBe(0);
  expect(io.out).toMatch(new RegExp(`^${command} of memory_-_web_\\S+ is obeyed by \\S+; follow it: shepherd watch`));
  expect(await first.code).toBe(code);
  expect(memory.app('web').stable?.version).toBe(version);
  const by = { name: 'grace', kind: 'human' };
  expect(await events()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'command', command, by, reason: 'well' }),
      expect.objectContaining({ type: 'approval-answer', approved, by, reason: 'well' }),
    ]),
  );
});

test('pause, resume and promote of what another process drives', async () => {
  const { memory, line, until, events } = people();
  const first = line(slow);
  await until(() => first.io.out.includes('monitoring for'));
  expect(await line('pause web --reason lunch --timeout 3h').code).toBe(0);
  expect(await line('promote web').code).toBe(0);
  await until(() => memory.app('web').weight > 0);
  const asked = memory.clock.monotonicMs();
  const resume = line('resume web --by ada');
  expect(await resume.code).toBe(0);
  expect(await first.code).toBe(0);
  expect(memory.clock.monotonicMs() - asked).toBeLessThan(600_000);
  const told = (await events()).flatMap(({ type, command }) => (type === 'command' ? [command] : []));
  expect(told).toEqual(['pause', 'promote', 'resume']);
});

test.each<[string, string]>([
  ['resume web', 'it has ended: succeeded'],
  ['approve web', 'it has ended: succeeded'],
  ['pause web --timeout soon', '--timeout'],
  ['pause web --on-timeout maybe', 'continue or rollback'],
  ['recover', '--all-namespaces'],
])('bad input: %s', async (text, said) => {
  const { line } = people();
  expect(await line('deploy web --image r/web:1.1.0 --yes').code).toBe(0);
  const { io, code } = line(text);
  expect([await code, io.out]).toEqual([2, '']);
  expect(io.err).toContain(said);
});

test('recover drives what was left, says it by app, and --follow ends by a signal', async () => {
  const { memory, line, until } = people();
  const first = line(`${slow} --on-interrupt pause`);
  await until(() => first.io.out.includes('monitoring for'));
  first.io.signal('SIGTERM');
  expect(await first.code).toBe(7);
  const runner = line('recover -n default --follow');
  await until(() => runner.io.out.includes('memory/default/web  '));
  expect(runner.io.err).toBe('looks for rollouts that nobody drives in default\n');
  expect(await line('resume web').code).toBe(0);
  expect(memory.app('web').stable?.version).toBe('1.1.0');
  await until(() => runner.io.out.includes('succeeded'));
  runner.io.signal('SIGTERM');
  expect(await runner.code).toBe(143);
});

test('a signal ends what waits for a cluster that does not answer', async () => {
  const { memory, options } = fakeCluster();
  const hanging = {
    ...memory,
    resolve: (_: unknown, signal?: AbortSignal) => new Promise((_yes, no) => signal?.addEventListener('abort', () => no(signal.reason))),
  };
  for (const text of ['status web', 'plan web --image r/web:1.1.0', 'abort web']) {
    const io = new FakeIo();
    const code = main(text.split(' '), io, { ...options, connect: async () => hanging as never });
    await memory.clock.sleep(10);
    io.signal('SIGINT');
    expect([await code, io.out, io.err]).toEqual([130, '', '']);
  }
});
