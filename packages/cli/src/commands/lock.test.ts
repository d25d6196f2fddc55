import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

const slow = 'deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 50,100 --interval 120 --yes';

/** A deploy under way, and other terminals. */
async function running() {
  const { memory, options } = fakeCluster();
  const line = async (text: string, io = new FakeIo()) => ({ io, code: await main(text.split(' '), io, options) });
  // No clock sees that a module is being loaded, so the commands are loaded before time counts.
  for (const early of ['lock status web', 'lock release memory_-_web_none --yes']) await line(early);
  const io = new FakeIo();
  const deploy = main(slow.split(' '), io, options);
  while (!io.out.includes('traffic 0 % →')) await memory.clock.sleep(100);
  const id = /memory_-_web_\S+/.exec(io.out)?.[0] ?? '';
  return { memory, line, deploy, id, io };
}

test('status says who holds it, for which rollout, what that does, and what can be done', async () => {
  const { line, id, deploy } = await running();
  const { io, code } = await line('lock status web');
  expect(code).toBe(0);
  expect(io.out).toMatch(/^held by \S+#\w+ since \d{4}-/);
  expect(io.out).toContain(`rollout  ${id}`);
  expect(io.out).toMatch(/goes on: step \d+ of \d+, \d+ % on the new version/);
  expect(io.out).toContain(`shepherd lock release ${id}`);
  const json = JSON.parse((await line(`lock status ${id} --json`)).io.out) as { holder: object; rollout: object };
  expect(json).toMatchObject({ holder: { rolloutId: id }, rollout: { id, now: { kind: 'progressing' } } });
  expect(await deploy).toBe(0);
  expect((await line('lock status web')).io.out).toMatch(/^nobody holds the lock of web\n.*\n.*has ended: succeeded/);
});

test('release takes it from its holder, which stops and writes nothing more; another process goes on', async () => {
  const { memory, line, id, deploy, io: first } = await running();
  const { io, code } = await line(`lock release ${id} --yes`);
  expect([code, io.out]).toEqual([0, `released; go on with it: shepherd resume ${id}, or take it back: shepherd abort ${id}\n`]);
  expect(await deploy).toBe(9);
  expect(first.out).toMatch(/another process drives .* now; this one stopped writing/);
  const written = memory.calls.filter(({ writes, name }) => writes && !name.startsWith('lock.')).length;
  await memory.clock.sleep(60_000);
  expect(memory.calls.filter(({ writes, name }) => writes && !name.startsWith('lock.')).length).toBe(written);
  expect((await line(`lock status web`)).io.out).toContain(`nobody drives it: shepherd resume ${id}`);
  expect((await line(`resume ${id}`)).code).toBe(0);
  expect(memory.app('web').stable?.version).toBe('1.1.0');
});

test('release asks first: it says who holds it and what will happen, and no is no', async () => {
  const { line, id, deploy } = await running();
  const terminal = { columns: 100, rows: 30 };
  const { io, code } = await line(`lock release ${id}`, new FakeIo({ terminal, answers: [[/\[y\/N\]/, 'n\n']] }));
  expect(code).toBe(5);
  expect(io.err).toMatch(/held by .* since [\s\S]*writes nothing more; traffic and pods stay as they are[\s\S]*Take the lock from/);
  expect(await deploy).toBe(0);
});

test.each([
  ['lock release web --yes', 2, /exact|id of the rollout/],
  ['lock release memory_-_web_other --yes', 5, /is held by memory_-_web_\S+, not by memory_-_web_other/],
  ['lock release ID', 2, /--yes/],
])('%s is refused, and the holder keeps it', async (text, exit, says) => {
  const { line, id, deploy } = await running();
  const { io, code } = await line(text.replace('ID', id));
  expect([code, io.out]).toEqual([exit, '']);
  expect(io.err).toMatch(says);
  expect(await deploy).toBe(0);
});

test('release of what nobody holds changes nothing', async () => {
  const { line, id, deploy } = await running();
  await deploy;
  expect((await line(`lock release ${id} --yes`)).io.out).toBe('nobody held it\n');
  expect(JSON.parse((await line(`lock release ${id} --yes --json`)).io.out)).toEqual({ released: false, id, holder: null });
});
