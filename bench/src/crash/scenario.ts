import { BlueGreen, Canary, type DeployRequest, RollingUpdate, type Strategy } from '@shepherd/core';
import { endpoints, http, pods } from '@shepherd/core/checks';
import type { KubeRelease } from '@shepherd/kube';

export const strategies = ['rolling', 'blue-green', 'canary'] as const;
/** `crash`: never gets ready. `sick`: ready, and fails once two of its pods serve, so that it is taken back after traffic moved. */
export const releases = ['good', 'crash', 'sick'] as const;

export interface Scenario {
  readonly strategy: (typeof strategies)[number];
  readonly release: (typeof releases)[number];
}

export const scenarios: readonly Scenario[] = strategies.flatMap((strategy) => releases.map((release) => ({ strategy, release })));
export const nameOf = ({ strategy, release }: Scenario): string => `${strategy}/${release}`;

export const replicas = 3;
/** The path at which a sick version fails under load. */
export const workPath = '/work';
export const imageOf = (release: string): string => `web:${release}`;

function strategyOf({ strategy }: Scenario): Strategy {
  if (strategy === 'rolling') return new RollingUpdate({ soak: '1s', analysis: false });
  if (strategy === 'blue-green') return new BlueGreen({ soak: '1s', analysis: false });
  return new Canary({ stages: [34, 100], interval: '1s', analysis: false });
}

export const requestOf = (scenario: Scenario): DeployRequest<KubeRelease> => ({
  app: 'web',
  release: { image: imageOf(scenario.release) },
  strategy: strategyOf(scenario),
  checks: [pods({}), endpoints({}), http({ path: workPath })],
  drain: '2s',
  timeout: '10m',
});
