import { expect, test } from 'vitest';
import { exitCodeOf, formatOutcome, type Platform, type RolloutEvent, Shepherd, ShepherdError } from '../index.js';
import { createMemoryPlatform, VirtualClock } from '../testing/index.js';
import { type RequireEnvInput, requireEnv } from './index.js';

const release = (version: string) => ({ app: 'web', release: { version } }) as const;
const sick = { versions: { '2.0.0': { reply: () => ({ status: 503 }) } } };

/** A staging and a production, the gate on the second. */
async function environments(input: Partial<RequireEnvInput> = {}, seen: (staging: Platform<never>) => Platform<never> = (each) => each) {
  const clock = new VirtualClock({ auto: true });
  const [staging, production] = [createMemoryPlatform({ replicas: 2, clock, ...sick }), createMemoryPlatform({ replicas: 3, clock })];
  const gate = requireEnv({ staging: seen(staging) });
  const deploy = async (platform: typeof staging, version: string) => {
    await using shepherd = new Shepherd({ platform, extensions: [gate] });
    const gates = platform === production ? { gates: [gate({ environment: 'staging', ...input })] } : {};
    const rollout = shepherd.deploy({ ...release(version), ...gates });
    const outcome = await rollout.outcome;
    const events: RolloutEvent[] = [];
    if (outcome.rolloutId !== undefined) for await (const event of rollout.events()) events.push(event);
    return { outcome, events };
  };
  return { staging, production, deploy, clock };
}

test('what never was in staging is refused, and goes once it succeeded there', async () => {
  const { production, staging, deploy } = await environments();
  const { outcome } = await deploy(production, '1.1.0');
  expect(outcome, formatOutcome(outcome)).toMatchObject({
    kind: 'failed-untouched',
    error: {
      code: 'ERR_GATE_CLOSED',
      facts: { gate: 'shepherd/require-env', reason: expect.stringMatching(/^web:1\.1\.0 never succeeded in staging \(.*\); there succeeded web:1\.0\.0$/) },
    },
  });
  expect(exitCodeOf(outcome)).toBe(5);
  expect((await deploy(staging, '1.1.0')).outcome.kind).toBe('succeeded');
  expect((await deploy(production, '1.1.0')).outcome.kind).toBe('succeeded');
});

test('what was taken back in staging did not succeed there', async () => {
  const { production, staging, deploy } = await environments();
  expect((await deploy(staging, '2.0.0')).outcome.kind).toBe('rolled-back');
  expect((await deploy(production, '2.0.0')).outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_GATE_CLOSED' } });
});

test('overridden with a reason, which is journalled', async () => {
  const { production, deploy } = await environments({ override: 'hotfix of CVE-2026-1' });
  const { outcome, events } = await deploy(production, '1.1.0');
  expect(outcome.kind).toBe('succeeded');
  expect(events.filter(({ type }) => type === 'gate-end')).toEqual([
    expect.objectContaining({ decision: { kind: 'proceed', overridden: expect.stringMatching(/^hotfix of CVE-2026-1; web:1\.1\.0 never succeeded/) } }),
  ]);
});

test('an app that is not there has not succeeded there', async () => {
  const { production, deploy } = await environments({ app: 'elsewhere/web' });
  expect((await deploy(production, '1.1.0')).outcome).toMatchObject({ error: { facts: { reason: 'elsewhere/web does not exist in staging' } } });
});

test('a staging that does not answer holds, and closes the gate in the end', async () => {
  const down = new ShepherdError('ERR_UNREACHABLE', 'staging does not answer', { facts: { what: 'staging', reason: 'refused' }, remedy: 'look' });
  const { production, deploy, clock } = await environments({}, (staging) => ({ ...staging, resolve: () => Promise.reject(down) }));
  const from = clock.now().getTime();
  const { outcome } = await deploy(production, '1.1.0');
  expect(outcome).toMatchObject({ error: { code: 'ERR_GATE_CLOSED', facts: { reason: 'not open within 5m: staging does not answer' } } });
  expect(clock.now().getTime() - from).toBeGreaterThanOrEqual(300_000);
});

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
test.each([
  ['the same digest of another registry', `mirror/web:1.1.0@${digest('a')}`, `registry/web@${digest('a')}`, 'succeeded'],
  ['another digest under the same tag', `registry/web:1.1.0@${digest('a')}`, `registry/web:1.1.0@${digest('b')}`, 'failed-untouched'],
  ['no digest there: the whole name counts', 'registry/web:1.1.0', 'registry/web:1.1.0', 'succeeded'],
  ['a digest here, none there', 'registry/web:1.1.0', `registry/web:1.1.0@${digest('a')}`, 'failed-untouched'],
])('%s', async (_, there, here, kind) => {
  const { production } = await environments();
  const staging = createMemoryPlatform({ replicas: 2 });
  const revision = { hash: 'h', owner: 'memory', images: [there, 'sidecar:1'], at: '', verified: true };
  const gate = requireEnv({ staging: { ...staging, releases: { ...staging.releases, list: async () => [revision] } } });
  const named = {
    ...production,
    releases: { ...production.releases, identify: async () => ({ version: here, images: [here], irreversible: false, hash: 'new' }) },
  };
  await using shepherd = new Shepherd({ platform: named, extensions: [gate] });
  const outcome = await shepherd.deploy({ ...release('1.1.0'), gates: [gate({ environment: 'staging' })] }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
});

test.each([
  ['an environment that nobody knows', { environment: 'stagin' }, 'one of staging'],
  ['an override without a reason', { environment: 'staging', override: ' ' }, 'why it is overridden'],
])('%s is refused before anything is written', async (_, input, said) => {
  const { production, deploy } = await environments(input);
  const { outcome } = await deploy(production, '1.1.0');
  expect(outcome).toMatchObject({ error: { code: 'ERR_INVALID_OPTIONS', message: expect.stringContaining(said) } });
  expect(production.calls.filter(({ writes }) => writes)).toEqual([]);
});
