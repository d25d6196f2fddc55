import { Canary, type Duration, formatOutcome, type Rollout, type RolloutEvent } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { prometheus } from '@shepherd/prometheus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  discoverPods,
  hasPrometheus,
  image,
  installWeb,
  kubectl,
  type Lab,
  type LabPrometheus,
  newVersion,
  openLab,
  type RolledOut,
  rollOut,
  startPrometheus,
} from '../../bench/src/lab/index.js';
import { expectClean } from './app-state.js';

const replicas = 6;
const times = { rate: 100, beforeMs: 12_000 };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** A canary under 200 requests a second, judged each second through a real Prometheus that scrapes its pods. */
async function judged(
  prefix: string,
  { env = {}, interval = '15s' }: { readonly env?: Readonly<Record<string, string>>; readonly interval?: Duration },
  meanwhile: (rollout: Rollout, server: LabPrometheus) => Promise<void> = async () => undefined,
): Promise<RolledOut> {
  const namespace = await lab.namespace(`judged-${prefix}`);
  const { url } = await installWeb(lab, namespace, { replicas });
  await using pods = await discoverPods(lab, namespace);
  await using server = await startPrometheus({ scrape: [pods.scrape] });
  await server.until('up == 1', replicas);
  const metrics = prometheus({ url: server.url, scrapeInterval: '1s', lag: '500ms' });
  const run = await rollOut({
    lab,
    namespace,
    url,
    times,
    metrics,
    request: {
      release: { image: image(newVersion), env },
      strategy: new Canary({ stages: [25, 50, 100], interval, analysis: { onInconclusive: 'rollback' } }),
      timeout: '10m',
    },
    meanwhile: async (rollout) => {
      await meanwhile(rollout, server);
      return undefined;
    },
  });
  await expectClean(lab, namespace, { image: image(run.outcome.kind === 'succeeded' ? newVersion : '1.0.0'), replicas });
  await lab.drop(namespace);
  return run;
}

/** From the first request that the new version could get to the decision. */
function exposedSeconds(events: readonly RolloutEvent[]): number {
  const at = (type: RolloutEvent['type']): number => Date.parse(events.find((event) => event.type === type)?.at ?? '');
  return (at('rollback-start') - at('weight-change')) / 1_000;
}

const highest = (events: readonly RolloutEvent[]): number => Math.max(0, ...events.map((event) => (event.type === 'weight-change' ? event.to : 0)));

describe.runIf(await hasPrometheus())('a canary judged through a real Prometheus', { timeout: 240_000 }, () => {
  test('a good one goes through, and loses no request', async () => {
    const { outcome, traffic, events } = await judged('good', {});
    assertOutcome(outcome, 'succeeded');
    expect([traffic.fresh.failures, traffic.kept.failures]).toEqual([{}, {}]);
    const verdicts = events.flatMap((event) => (event.type === 'step-end' ? [event.verdict.evidence?.summary ?? ''] : []));
    expect(verdicts.filter((verdict) => /^goes on: .*requests/.test(verdict))).toHaveLength(3);
  });

  test.each([
    ['a tenth of its requests', { ERROR_RATE: '0.1' }, /requests failed/],
    ['one in fifty', { ERROR_RATE: '0.02' }, /requests failed/],
    ['nothing, but is slow', { LATENCY_MS: '300' }, /requests over/],
  ] as const)('one that fails %s is taken back in its first stage, within a minute', async (_, env, why) => {
    const { outcome, events } = await judged('bad', { env, interval: '30s' });
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause.kind, formatOutcome(outcome)).toBe('verdict');
    expect(formatOutcome(outcome)).toMatch(why);
    const seconds = exposedSeconds(events);
    console.log(`${JSON.stringify(env)}: taken back ${seconds.toFixed(1)} s after the first traffic; ${formatOutcome(outcome).split('\n')[1]?.trim()}`);
    expect(seconds).toBeLessThan(60);
    expect(highest(events)).toBeLessThan(50);
  });

  test('Prometheus that is killed and comes back costs a good one time, and no verdict', async () => {
    const { outcome, traffic } = await judged('killed', {}, async (rollout, server) => {
      await rollout.started;
      await new Promise<void>((resolve) => rollout.on('weight-change', () => resolve()));
      await pause(8_000);
      await server.kill();
      await pause(8_000);
      await server.start();
    });
    assertOutcome(outcome, 'succeeded');
    expect([traffic.fresh.failures, traffic.kept.failures]).toEqual([{}, {}]);
  });

  test('a stable pod that is replaced meanwhile is no regression', async () => {
    const { outcome } = await judged('replaced', {}, async (rollout) => {
      await rollout.started;
      await new Promise<void>((resolve) => rollout.on('weight-change', () => resolve()));
      await pause(5_000);
      const { targets } = await rollout.state();
      const namespace = targets[0]?.namespace ?? '';
      const { items } = await lab.read(`/api/v1/namespaces/${namespace}/pods`);
      const old = (items as readonly { readonly metadata: { readonly name: string } }[]).find(({ metadata }) => !metadata.name.startsWith('web-candidate'));
      await kubectl(['-n', namespace, 'delete', 'pod', old?.metadata.name ?? '', '--wait=false']);
    });
    assertOutcome(outcome, 'succeeded');
  });

  test('one that knows nothing of the app is refused before the first write', async () => {
    const namespace = await lab.namespace('judged-empty');
    const { url } = await installWeb(lab, namespace, { replicas: 2 });
    await using server = await startPrometheus({ scrape: [] });
    const { outcome, apiWrites } = await rollOut({
      lab,
      namespace,
      url,
      times: { beforeMs: 500, afterMs: 500 },
      metrics: prometheus({ url: server.url, scrapeInterval: '1s' }),
      request: { release: { image: image(newVersion) }, strategy: new Canary({ stages: [50, 100], interval: '10s' }) },
    });
    assertOutcome(outcome, 'failed-untouched');
    expect(outcome.error.code).toBe('ERR_PREFLIGHT');
    expect(apiWrites).toBe(0);
    await lab.drop(namespace);
  });
});
