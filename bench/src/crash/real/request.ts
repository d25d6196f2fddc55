import { BlueGreen, Canary, type DeployRequest, type Outcome, RollingUpdate, type RolloutEvent } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import type { KubeRelease } from '@shepherd/kube';
import { image, newVersion } from '../../lab/index.js';
import type { Scenario } from '../scenario.js';

export interface ChildOrder {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly leaseMs: number;
  readonly scenario: Scenario;
}

export type ChildNews = { readonly kind: 'event'; readonly event: RolloutEvent } | { readonly kind: 'outcome'; readonly outcome: Outcome };

/** How long after its start a sick version gets so: after its first checks. */
const sickAfterMs = 5_000;

const envOf = ({ release }: Scenario): Readonly<Record<string, string>> => {
  if (release === 'good') return {};
  return release === 'crash' ? { CRASH_AFTER_MS: '1' } : { SICK_AFTER_MS: String(sickAfterMs) };
};

const strategyOf = ({ strategy }: Scenario) => {
  if (strategy === 'rolling') return new RollingUpdate({ soak: '2s', analysis: false });
  if (strategy === 'blue-green') return new BlueGreen({ soak: '5s', analysis: false });
  return new Canary({ stages: [34, 100], interval: '3s', analysis: false });
};

export const requestOf = (scenario: Scenario): DeployRequest<KubeRelease> => ({
  app: 'web',
  release: { image: image(newVersion), env: envOf(scenario) },
  strategy: strategyOf(scenario),
  // The path that a sick version fails at; the readiness probe asks another.
  checks: standard({ quiet: scenario.strategy === 'rolling' ? '5s' : '0s', health: '/api/health' }),
  drain: '1s',
  timeout: '3m',
});
