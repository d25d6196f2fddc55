import { Canary, type RolloutEvent, Shepherd } from '@shepherd/core';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { createSandbox, type MetricsFault, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prometheus } from './index.js';

let sandbox: Sandbox;
let shepherd: Shepherd<KubeRelease>;
const five = 5 * 60_000;

beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('registry/web:1');
  sandbox.image('registry/web:2');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 4 });
  shepherd = new Shepherd({ platform: kubernetes(sandbox.connection), metrics: prometheus(sandbox.prometheus) });
  sandbox.load('shop/web', { rate: 100 });
  await sandbox.connection.clock.sleep(60_000);
});
afterEach(async () => {
  await shepherd.close();
  await sandbox[Symbol.asyncDispose]();
});

type Analysis = ConstructorParameters<typeof Canary>[0]['analysis'];

async function release(analysis: Analysis, at?: { readonly event: RolloutEvent['type']; readonly act: () => void }) {
  const strategy = new Canary({ stages: [25, 100], interval: '2m', analysis });
  const rollout = shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:2' }, strategy, timeout: '4h' });
  const weights: number[] = [];
  for await (const event of rollout) {
    if (event.type === 'weight-change') weights.push(event.to);
    if (event.type === at?.event) at.act();
  }
  return { outcome: await rollout.outcome, weights };
}

const faults: readonly (readonly [string, MetricsFault, before: string | undefined, during: RegExp])[] = [
  ['that is down', { kind: 'down' }, 'prometheus-network', /unreachable: .*cannot be reached/],
  ['that never answers in time', { kind: 'slow', delayMs: 60_000 }, 'prometheus-timeout', /unreachable: .*no answer within/],
  ['that answers 401', { kind: 'status', status: 401 }, 'prometheus-unauthorised', /unreachable: .*answered 401/],
  ['that answers 503', { kind: 'status', status: 503 }, 'prometheus-overloaded', /unreachable: .*answered 503/],
  ['that is a login page', { kind: 'html' }, 'prometheus-not-prometheus', /unreachable: .*answered HTML/],
  ['that is empty', { kind: 'empty' }, 'prometheus-no-series', /no-data: no requests of stable are known/],
  ['that scrapes nothing any more', { kind: 'stale' }, undefined, /stale: .*s old|no-data: no requests/],
  ['that lacks a store', { kind: 'warn' }, undefined, /partial: Prometheus warns: a store does not answer/],
  ['whose clock is five minutes ahead', { kind: 'skew', ms: five }, 'prometheus-clock', /invalid: .*300 s behind Prometheus/],
  ['whose clock is five minutes behind', { kind: 'skew', ms: -five }, 'prometheus-clock', /invalid: .*300 s ahead of Prometheus/],
];

describe.each(faults)('a Prometheus %s', (_, fault, before, during) => {
  test('before the rollout: refused before the first write, or warned of', async () => {
    sandbox.metricsFault(fault);
    const writes = sandbox.writes;
    const asked = { app: 'shop/web', release: { image: 'registry/web:2' }, strategy: new Canary({ stages: [25, 100], interval: '2m' }) };
    if (before === undefined) {
      await shepherd.plan(asked);
    } else {
      const outcome = await shepherd.deploy(asked).outcome;
      expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_PREFLIGHT' } });
      expect(JSON.stringify(outcome)).toContain(`"${before}"`);
    }
    expect(sandbox.objects.get('deployments.apps', 'shop', 'web-candidate')).toBeUndefined();
    expect(sandbox.writes).toBe(writes);
  });

  test('during the rollout: what was not seen never passes, whatever the policy, and says why', async () => {
    const act = (): void => void sandbox.metricsFault(fault);
    const { outcome, weights } = await release({ onInconclusive: 'rollback' }, { event: 'weight-change', act });
    expect(outcome.kind).toBe('rolled-back');
    expect(JSON.stringify(outcome)).toMatch(during);
    expect(Math.max(...weights)).toBe(25);
  });
});

test('a Prometheus that comes back costs a release nothing but time', async () => {
  let back = (): void => undefined;
  const act = (): void => {
    back = sandbox.metricsFault({ kind: 'down' });
    void sandbox.connection.clock.sleep(60_000).then(() => back());
  };
  const { outcome } = await release({}, { event: 'weight-change', act });
  expect(outcome.kind).toBe('succeeded');
});
