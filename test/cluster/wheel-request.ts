import { BlueGreen, Canary, type DeployRequest } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import { checks, image } from '../../bench/src/lab/index.js';

export type WheelStrategy = 'blue-green' | 'canary';

/** What the parent asks of `release-child`. */
export interface ChildOrder {
  readonly namespace: string;
  readonly strategy: WheelStrategy;
  readonly version: string;
  /** Index of the step. */
  readonly dieAt: number;
  /** How long after the step's start. */
  readonly dieAfterMs: number;
}

/** Short, so that a dead runner's lock is free soon. */
export const leaseMs = 3_000;

/** In the process that dies. */
export const wheelRequest = (strategy: WheelStrategy, version: string): DeployRequest<KubeRelease> => ({
  app: 'web',
  release: { image: image(version) },
  strategy: strategy === 'blue-green' ? new BlueGreen({ soak: '1s', analysis: false }) : new Canary({ stages: [50, 100], interval: '1s', analysis: false }),
  checks,
  drain: '1s',
  timeout: '2m',
});
