import { BlueGreen, Canary, type DeployRequest, type Outcome, type RolloutEvent } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import { checks, image, newVersion } from '../../bench/src/lab/index.js';

/** What the parent asks of `process-child`: to release, or to take up what nobody drives. */
export interface ProcessOrder {
  readonly namespace: string;
  readonly name: string;
  readonly release: 'slow-canary' | 'canary' | 'approved' | undefined;
}

export type ProcessNews = { readonly kind: 'event'; readonly event: RolloutEvent } | { readonly kind: 'outcome'; readonly outcome: Outcome };

const strategyOf = (release: NonNullable<ProcessOrder['release']>) => {
  if (release === 'approved') return new BlueGreen({ soak: '1s', analysis: false, approval: { timeout: '10m', onTimeout: 'reject' } });
  return new Canary({ stages: [25, 100], interval: release === 'canary' ? '20s' : '10m', analysis: false });
};

export const requestOf = (release: NonNullable<ProcessOrder['release']>): DeployRequest<KubeRelease> => ({
  app: 'web',
  release: { image: image(newVersion) },
  strategy: strategyOf(release),
  checks,
  drain: '1s',
  timeout: '30m',
});
