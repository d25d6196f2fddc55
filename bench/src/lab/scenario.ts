import { BlueGreen, Canary, RollingUpdate, type Strategy } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import { image } from './web.js';

export const strategyNames = ['rolling', 'blue-green', 'canary'] as const;
export type StrategyName = (typeof strategyNames)[number];
export const releaseNames = ['good', 'crash', 'unpullable', 'sick'] as const;
export type ReleaseName = (typeof releaseNames)[number];

/** The strategies with waits that are short enough for a bench; `watch` is the soak, or the interval of each stage. 10 % of 6 pods leaves all 6 to stable. */
export function strategyOf(name: StrategyName, watch: `${number}s` = '2s'): Strategy {
  if (name === 'rolling') return new RollingUpdate();
  if (name === 'blue-green') return new BlueGreen({ soak: watch, analysis: false });
  return new Canary({ stages: [10, 50, 100], interval: watch, analysis: false });
}

/** Of a version that nobody has: the version that bad answers carry. */
export const newVersion = '2.0.0';

/** Good, or bad in one of the ways in which releases are. */
export function releaseOf(name: ReleaseName): KubeRelease {
  switch (name) {
    case 'good':
      return { image: image(newVersion) };
    case 'crash':
      return { image: image(newVersion), env: { CRASH_AFTER_MS: '1' } };
    case 'unpullable':
      return { image: image('9.9.9') };
    case 'sick':
      return { image: image(newVersion), env: { DATABASE: 'down' } };
  }
}
