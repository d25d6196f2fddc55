import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Canary, type Exec, type ExecReply, formatOutcome, type Platform, Shepherd } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform } from '../testing/index.js';
import { verify } from '../verification/index.js';
import { exec, pods } from './index.js';

const ended = (exitCode: number, stdout = '', stderr = ''): ExecReply => ({
  kind: 'ended',
  pod: 'web-1',
  container: 'web',
  exitCode,
  stdout,
  stderr,
  cut: false,
});
const nothing = { pod: 'web-1', container: 'web', stdout: '', stderr: '', cut: false };
const check = exec({ command: ['mongosh', '--quiet'] });

interface Lab {
  readonly shepherd: Shepherd<never>;
  readonly platform: MemoryPlatform;
  readonly asked: (readonly [string, object])[];
}

/** A platform whose commands end so. */
function lab(reply: ExecReply | undefined | Error): Lab {
  const asked: (readonly [string, object])[] = [];
  const run: Exec = async (track, command) => {
    asked.push([track, command]);
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const platform = createMemoryPlatform();
  const shepherd = new Shepherd({ platform: { ...platform, exec: () => run } as Platform<never> });
  return { shepherd, platform, asked };
}
const verdictOf = async (reply: ExecReply | undefined | Error, use = check) => {
  const { checks, passed } = await verify(lab(reply).shepherd, 'web', { checks: [use] });
  return { verdict: checks[0]?.verdict, says: checks[0]?.says, passed };
};

describe('what each end means', () => {
  test.each<readonly [string, ExecReply | undefined | Error, string, string]>([
    ['code 0', ended(0, 'shop\n[ orders, users ]\n'), 'pass', 'web-1: mongosh ended with code 0: shop / [ orders, users ]'],
    ['code 0, silent', ended(0), 'pass', 'web-1: mongosh ended with code 0'],
    ['another code', ended(3, 'out', 'no route to db\n'), 'fail', 'web-1: mongosh ended with code 3: no route to db'],
    ['another code, on stdout', ended(1, 'no route'), 'fail', 'web-1: mongosh ended with code 1: no route'],
    [
      'no such program',
      { ...nothing, kind: 'not-started', reason: '"mongosh": executable file not found in $PATH' },
      'error',
      'web-1: mongosh could not be started in container web: "mongosh": executable file not found in $PATH',
    ],
    ['the pod is gone', { ...nothing, kind: 'pod-gone', reason: 'deleted' }, 'error', 'web-1: mongosh had not ended when the pod went away: deleted'],
    ['broken', { ...nothing, kind: 'broken', reason: 'closed' }, 'error', 'web-1: mongosh had not ended when the connection broke: closed'],
    ['no time', { ...nothing, kind: 'timed-out', afterMs: 2_000, stdout: 'at it' }, 'fail', 'web-1: mongosh did not end within 2 s: at it'],
    ['no pod', undefined, 'error', 'stable has no ready pod to run mongosh in'],
    ['forbidden', new Error('not allowed to get pods/exec'), 'error', 'shepherd/exec: not allowed to get pods/exec'],
  ])('%s', async (_, reply, verdict, says) => {
    expect(await verdictOf(reply)).toEqual({ verdict, says, passed: verdict === 'pass' });
  });

  test('what it must print', async () => {
    const wanting = exec({ command: ['mongosh'], expect: 'orders' });
    expect(await verdictOf(ended(0, 'users, orders'), wanting)).toMatchObject({ verdict: 'pass' });
    expect(await verdictOf(ended(0, 'users'), wanting)).toMatchObject({ verdict: 'fail', says: 'web-1: mongosh did not print "orders": users' });
    expect(await verdictOf(ended(4, 'orders'), wanting)).toMatchObject({ verdict: 'fail' });
  });
});

test('container, time and track are handed on, the track under test otherwise', async () => {
  const { shepherd, asked } = lab(ended(0));
  const command = ['a', 'b c', ''];
  await verify(shepherd, 'web', { checks: [exec({ command, container: 'sidecar', timeout: '3s', track: 'candidate' }), exec({ command })] });
  expect(asked).toEqual([
    ['candidate', { command, container: 'sidecar', timeout: '3s' }],
    ['stable', { command }],
  ]);
});

test('of what is printed nobody sees credentials, escape sequences, control characters, or more than 300 characters', async () => {
  const secret = `ghp_${'a1B2'.repeat(10)}`;
  const { says } = await verdictOf(ended(1, '', `\u001b[31mred\u001b[0m \u0007bell ${secret} mongodb://app:hunter2@db/x\r\n\u202e${'long '.repeat(200)}`));
  expect(says).toMatch(/^web-1: mongosh ended with code 1: red bell \*\*\* mongodb:\/\/app:\*\*\*@db\/x \/ long /);
  expect(says?.length).toBeLessThan(350);
  expect(says).not.toMatch(/hunter2|ghp_/);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 600 }), async (text) => {
      const said = (await verdictOf(ended(1, text))).says ?? '';
      const shown = said.replace(/^web-1: mongosh ended with code 1(?:: )?/, '');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      // oxlint-disable-next-line no-control-regex
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect([...shown].length).toBeLessThanOrEqual(300);
    }),
  );
});

describe('in a release', () => {
  const deploy = (shepherd: Shepherd<never>, checks = [pods({}), check]) =>
    shepherd.deploy({
      app: 'web',
      release: { version: '1.1.0' } as never,
      checks,
      strategy: new Canary({ stages: [50, 100], interval: '1m', analysis: false }),
    });

  test('it is asked before traffic and at the end, not every few seconds of a watch', async () => {
    const { shepherd, asked } = lab(ended(0));
    const rollout = deploy(shepherd);
    const steps: string[] = [];
    rollout.on('step-start', ({ step }) => void steps.push(step.kind));
    const outcome = await rollout.outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    const asking = steps.filter((kind) => kind === 'smoke' || kind === 'verify').length;
    expect(steps).toContain('analyse');
    expect(asked).toHaveLength(asking);
  });

  test('one that fails takes the release back, with code and words', async () => {
    const outcome = await deploy(lab(ended(3, '', 'no such database')).shepherd).outcome;
    expect(outcome.kind).toBe('rolled-back');
    expect(formatOutcome(outcome)).toContain('ended with code 3: no such database');
  });

  test('a platform that runs no commands refuses it before the first write, and preflight says so; without such a check it does not matter', async () => {
    const platform = createMemoryPlatform();
    const shepherd = new Shepherd({ platform }) as unknown as Shepherd<never>;
    const outcome = await deploy(shepherd).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_PREFLIGHT', facts: { findings: [{ id: 'exec-unsupported' }] } } });
    const request = { app: 'web', release: { version: '1.1.0' } as never, checks: [check] };
    expect((await shepherd.preflight(request)).filter(({ level }) => level === 'error').map(({ id }) => id)).toEqual(['exec-unsupported']);
    expect((await shepherd.rollback({ app: 'web', checks: [check] }).outcome).kind).toBe('failed-untouched');
    expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
    expect((await deploy(shepherd, [pods({})]).outcome).kind).toBe('succeeded');
    expect(await verify(shepherd, 'web', { checks: [check] })).toMatchObject({
      passed: false,
      checks: [{ verdict: 'error', says: 'this platform runs no commands in pods' }],
    });
  });

  test.each([
    [{ command: [] }, 'exec.command'],
    [{ command: ['a', 3] }, 'exec.command'],
    [{ command: 'ls -l' }, 'exec.command'],
    [{ command: ['a'], timeout: '10m' }, 'exec.timeout'],
    [{ command: ['a'], timeout: 10 }, 'exec.timeout'],
    [{ command: ['a'], track: 'blue' }, 'exec.track'],
    [{ command: ['a'], expect: '' }, 'exec.expect'],
    [{ command: ['a'], shell: true }, 'exec'],
  ])('%j is refused before anything happens', async (input, path) => {
    const outcome = await deploy(lab(ended(0)).shepherd, [exec(input as never)]).outcome;
    if (outcome.kind !== 'failed-untouched' || outcome.error.code !== 'ERR_INVALID_OPTIONS') throw new Error(formatOutcome(outcome));
    expect(outcome.error.facts.issues.map((issue) => issue.path).join()).toContain(path);
  });

  test('a command that holds a credential is refused: the journal would keep it', async () => {
    const outcome = await deploy(lab(ended(0)).shepherd, [exec({ command: ['mongosh', 'mongodb://app:hunter2@db/shop'] })]).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS' } });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });
});
