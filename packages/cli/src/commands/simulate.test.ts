import { describe, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

/** No cluster can be reached, no kubeconfig is there. */
const nothing = { connect: () => Promise.reject(new Error('a simulation needs no cluster')) };

async function run(line: string) {
  const io = new FakeIo();
  const code = await main(['simulate', ...line.split(' ').filter((word) => word !== '')], io, nothing);
  const { requests, failed, answered } =
    /(?<requests>\d+) requests in .*, (?<answered>\d+) answered by the new version; (?<failed>\d+) failed\n$/.exec(io.out)?.groups ?? {};
  return { code, out: io.out, err: io.err, requests: Number(requests), failed: Number(failed), answered: Number(answered) };
}

const canary = '--strategy canary --stages 25,100 --interval 2m --rate 20';

describe('a simulated release', () => {
  test('a good canary: plan, stages in virtual time, no request lost', async () => {
    const { code, out, err, requests, failed, answered } = await run(canary);
    expect([code, err, failed]).toEqual([0, '', 0]);
    expect(out).toMatch(/a fivefold error rate of .* shows after about/);
    expect(out).toMatch(/traffic 0 % → 25 %/);
    expect(out).toContain('goes on: ');
    // Two stages of two minutes at 20 requests a second, at least.
    expect(requests).toBeGreaterThan(4 * 60 * 20);
    expect(answered).toBeGreaterThan(2 * 60 * 20);
  }, 60_000);

  test('ten percent of errors are taken back in the first stage; JSON ends with what users saw', async () => {
    const { code, out } = await run(`${canary} --new-error-rate 10% --json`);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'rollout-start' });
    expect([code, lines.at(-1)]).toMatchObject([3, { type: 'result', kind: 'rolled-back', exitCode: 3, cause: { kind: 'verdict' } }]);
    const { requests, failed, newVersion } = lines.at(-1).traffic;
    expect(failed).toBeGreaterThan(3);
    expect(failed).toBeLessThan(newVersion / 4);
    expect(newVersion).toBeLessThan(requests / 2);
    expect(lines.filter(({ type }) => type === 'weight-change').map(({ to }) => to)).toEqual([25, 0]);
  }, 60_000);

  test.each([
    ['--new-crash', 3, 0],
    ['--new-health 503 --timeout 5m', 6, 0],
    [`${canary} --new-latency 300ms --latency-threshold 250`, 3, 0],
    ['--strategy blue-green --grace-period 60 --startup 5s', 0, 0],
  ])(
    '%s ends with exit code %i',
    async (line, code, failed) => {
      const result = await run(line);
      expect([result.code, result.err, result.failed]).toEqual([code, '', failed]);
    },
    60_000,
  );

  test('an old version that is as bad takes the blame with it: nothing is taken back for what both do', async () => {
    const { out, code } = await run(`${canary} --new-error-rate 0.03 --old-error-rate 0.03`);
    expect(code).toBe(0);
    expect(out).not.toContain('going back');
  }, 60_000);

  test.each([
    ['--new-error-rate 2', '--new-error-rate: got "2", expected a share'],
    ['--new-latency soon', '--new-latency: got "soon"'],
    ['--new-health 20', '--new-health: got "20"'],
    ['--new-crash never', '--new-crash: got "never"'],
    ['--replicas 0', '--replicas: got "0"'],
    ['--rate 1e9', '--rate: got "1e9"'],
    ['--strategy canary --stages 0', 'stages'],
    ['--error-threshold 200', '--error-threshold'],
  ])('%s is refused before anything runs', async (line, said) => {
    const { code, out, err } = await run(line);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });
});
