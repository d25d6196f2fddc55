import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '@shepherd/core';
import type { VirtualClock } from '@shepherd/core/testing';
import { createSandbox } from '@shepherd/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

/** A Prometheus of this process over HTTP. */
async function serve(transport: Transport) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const init = request.method === 'POST' ? { method: 'POST', body: Buffer.concat(chunks) } : {};
    const answer = await transport(new Request(`http://prometheus.invalid${request.url}`, init));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.dispose]: () => server.close() };
}

let folder: string;
let url: string;
let range: string;
let middle: string;
const close: (() => unknown)[] = [];

/** Ten minutes of an app, then ten of a good and a bad version beside it; then time stands still. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtest-test-'));
  const sandbox = await createSandbox();
  const clock = sandbox.connection.clock as VirtualClock;
  for (const [version, errorRate] of Object.entries({ good: 0, bad: 0.2 })) sandbox.image(`r/web:${version}`, { errorRate });
  const prometheus = await serve(sandbox.prometheus.transport as Transport);
  const install = async (name: string, version: string, replicas: number) => {
    await sandbox.install({ name, namespace: 'shop', image: `r/web:${version}`, replicas });
    sandbox.load(`shop/${name}`, { rate: 10 * replicas });
  };
  await install('web', 'good', 3);
  const from = clock.now().toISOString();
  await clock.sleep(5 * 60_000);
  middle = clock.now().toISOString();
  await install('web-candidate', 'bad', 1);
  await install('web-other', 'good', 1);
  await clock.sleep(10 * 60_000);
  range = `${from}/${clock.now().toISOString()}`;
  url = prometheus.url;
  void clock.busy(new Promise<void>((resolve) => close.push(resolve)));
  close.push(
    () => prometheus[Symbol.dispose](),
    () => sandbox[Symbol.asyncDispose](),
  );
}, 60_000);
afterAll(async () => {
  for (const each of close) await each();
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const io = new FakeIo({ cwd: folder });
  const code = await main(['backtest', ...args], io);
  return { code, out: io.out, err: io.err };
}
const shop = () => ['shop/web', '--prometheus', url, '--range', range];

describe('over Prometheus', () => {
  test('a bad release would have been taken back: when, and from which counts', async () => {
    const { code, out, err } = await run(...shop());
    expect([code, err]).toEqual([3, '']);
    expect(out).toMatch(/^shop\/web: 1 pod of candidate, 3 pods of stable, .*: a stage of 300 s, a poll each 15 s\nlatency is compared at /);
    expect(out).toMatch(/would have been taken back after \d+ s, at 2026-01-01T00:0[56].*\n {2}goes back: candidate \d+ of \d+ requests failed/);
    expect(out).toMatch(/polls, \d of them without data; 2\d before the new version was counted\n$/);
  });

  test('other pods, other thresholds, JSON', async () => {
    const { code, out } = await run(...shop(), '--candidate', 'web-other-.*', '--interval', '2m', '--every', '30', '--json');
    const result = JSON.parse(out);
    expect(code).toBe(0);
    expect(result).toMatchObject({
      type: 'result',
      kind: 'promote',
      exitCode: 0,
      decision: { reason: 'evidence' },
      pods: { candidate: [expect.stringMatching(/^web-other-/)] },
    });
    expect(result.seconds).toBeGreaterThanOrEqual(120);
    expect(result.pods.stable.every((pod: string) => /^web-[^-]+-[^-]+$/.test(pod))).toBe(true);
    expect(await run(...shop(), '--candidate', 'web-other-.*', '--latency-threshold', '1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('below it nobody can say'),
    });
  });

  test('a range that ends too soon is inconclusive, not good', async () => {
    const to = new Date(Date.parse(middle) + 40_000).toISOString();
    const { code, out } = await run('shop/web', '--prometheus', url, '--range', `${middle}/${to}`, '--candidate', 'web-other-.*');
    expect(code).toBe(7);
    expect(out).toContain('not decided when the readings ended');
  });

  test('what is saved decides the same again', async () => {
    const file = join(folder, 'readings.ndjson');
    const first = JSON.parse((await run(...shop(), '--save', file, '--json')).out);
    const again = await run('--file', file, '--json');
    const { pods: _, ...rest } = first;
    expect([again.code, JSON.parse(again.out)]).toEqual([3, rest]);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(2 + Math.floor((Date.parse(range.split('/')[1] ?? '') - Date.parse(range.split('/')[0] ?? '')) / 15_000));
    expect(await run(...shop(), '--save', file)).toMatchObject({ code: 2, err: expect.stringContaining('a file that does not exist yet') });
    // Without its first line nobody knows the bounds of its latency.
    await writeFile(join(folder, 'headless.ndjson'), `${lines.slice(1).join('\n')}\n`);
    expect(await run('--file', 'headless.ndjson')).toMatchObject({ code: 3, out: expect.stringContaining('latency is not compared') });
    expect(await run('--file', 'headless.ndjson', '--latency-threshold', '500')).toMatchObject({ code: 2, err: expect.stringContaining('no latency') });
  });
});

describe('bad input', () => {
  const t = '2026-01-01T00:00Z';
  test.each<[string, readonly string[], string]>([
    ['no source', ['web', '--range', '2h'], '--prometheus: got nothing'],
    ['no range', ['web', '--prometheus', 'http://p'], '--range: got nothing'],
    ['an end before its start', ['web', '--prometheus', 'http://p', '--range', `${t}/2025-12-31T00:00Z`], 'an end after its start'],
    ['an empty range', ['web', '--prometheus', 'http://p', '--range', `${t}/${t}`], 'an end after its start'],
    ['a time without a zone', ['web', '--prometheus', 'http://p', '--range', `2026-01-01T00:00/${t}`], 'two times with their zone'],
    ['too many polls', ['web', '--prometheus', 'http://p', '--range', '1000h', '--every', '1s'], 'at most 100000'],
    ['a regex that is none', ['web', '--prometheus', 'http://p', '--range', '2h', '--candidate', 'web-('], 'a regular expression of pod names'],
    ['two sources', ['--file', 'x', '--range', '2h'], 'one source'],
    ['a threshold that is none', ['--file', 'x', '--error-threshold', '200'], 'a percent above 0'],
    ['against what is not there', ['--file', 'x', '--against', 'candidate'], 'stable or limits'],
    ['no such file', ['--file', 'not-there.ndjson'], 'ENOENT'],
  ])('%s', async (_, args, said) => {
    const { code, err, out } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });

  test.each([
    ['', 'no reading'],
    ['\n{"kind":"unavailable","reason":"no-data","detail":"x"}\nnot json\n', 'bad.ndjson:3: no JSON'],
    ['{"kind":"counters","at":"2026-01-01T00:00:00Z","targets":[{"track":"canary"}]}', 'bad.ndjson:1: targets.0'],
    ['{"kind":"unavailable","reason":"no-data","detail":"x"}\n{"kind":"recording"}', 'bad.ndjson:2: kind'],
  ])('a file of %j', async (text, said) => {
    await writeFile(join(folder, 'bad.ndjson'), text);
    expect(await run('--file', 'bad.ndjson')).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) });
  });

  test('no series, a pattern that no pod has, nobody there', async () => {
    expect(await run('shop/shop', '--prometheus', url, '--range', range)).toMatchObject({ code: 2, err: expect.stringContaining('no series of shop/shop') });
    expect(await run(...shop(), '--candidate', 'web-v2-.*')).toMatchObject({ code: 2, err: expect.stringContaining('no such pod among web-') });
    expect(await run('web', '--prometheus', 'http://127.0.0.1:9', '--range', '1h')).toMatchObject({
      code: 5,
      err: expect.stringContaining('check host, port'),
    });
  });
});
