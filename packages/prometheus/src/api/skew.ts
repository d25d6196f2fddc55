import type { Clock } from '@shepherd/core';

/** More than this between two clocks, and `at` lies where the samples are not (AN 1.2). */
const mostMs = 30_000;

/** How far this machine's clock is ahead of the server's, in ms, where that is too much; undefined where it is not, or the server does not say. */
export function skewOf(serverMs: number | undefined, clock: Clock): number | undefined {
  const skewMs = serverMs === undefined ? 0 : clock.now().getTime() - serverMs;
  return Math.abs(skewMs) > mostMs ? skewMs : undefined;
}

/** `this machine's clock is 300 s ahead of Prometheus'` */
export const skewText = (skewMs: number): string =>
  `this machine's clock is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} Prometheus'`;
