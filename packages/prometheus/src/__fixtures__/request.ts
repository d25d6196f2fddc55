import { type MetricsRequest, type PortContext, systemClock } from '@shepherd/core';

export const at = '2026-01-01T00:10:00.000Z';
export const atSeconds = Date.parse(at) / 1_000;

export const contextOf = (more: Partial<PortContext> = {}): PortContext => ({
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: 'one',
  signal: new AbortController().signal,
  clock: systemClock,
  ...more,
});

export const requestOf = (stable: readonly string[] = ['web-1'], candidate: readonly string[] = ['web-2'], bounds: readonly number[] = [0.5]): MetricsRequest => ({
  at,
  since: '2026-01-01T00:09:00.000Z',
  bounds,
  tracks: { stable: { revision: 'one', pods: stable, labels: {} }, candidate: { revision: 'two', pods: candidate, labels: {} } },
});
