import { Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import {
  applyWeb,
  checks,
  image,
  installWeb,
  type Lab,
  newVersion,
  rollOut,
  type StrategyName,
  strategyOf,
  type Traffic,
  underLoad,
  untilNoneTerminates,
  untilServing,
} from '../lab/index.js';
import { round, sumFailures } from './row.js';

/** A good release of an app that ends at SIGTERM without serving on. */
export interface Undrained {
  readonly by: 'kubectl' | StrategyName;
  /** The pods have the `preStop` sleep that a release before this one gave them. */
  readonly preStopSleep: boolean;
  readonly keepAlive: boolean;
  readonly outcome: string;
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The plan said beforehand that requests may be lost. */
  readonly warned: boolean | null;
}

export interface UndrainedCase {
  readonly by: Undrained['by'];
  readonly preStopSleep: boolean;
}

export const undrainedCases: readonly UndrainedCase[] = [
  { by: 'kubectl', preStopSleep: false },
  ...(['rolling', 'blue-green', 'canary'] as const).flatMap((by) => [false, true].map((preStopSleep) => ({ by, preStopSleep }))),
];

const sleep = '5s' as const;

/** The release that adds the sleep, without load: its own old pods have none. */
async function addSleep(namespace: string): Promise<void> {
  await using shepherd = new Shepherd({ platform: kubernetes({ namespace }) });
  const outcome = await shepherd.deploy({ app: 'web', release: { image: image('1.0.0'), preStopSleep: sleep }, strategy: strategyOf('rolling'), checks })
    .outcome;
  if (outcome.kind !== 'succeeded') throw new Error(`the release that adds the sleep ended as ${outcome.kind}`);
}

export async function measureUndrained(lab: Lab, { by, preStopSleep }: UndrainedCase): Promise<readonly Undrained[]> {
  const namespace = await lab.namespace('bench-undrained');
  const options = {
    drainMs: 0,
    // As in the pairs where kubectl stands beside it.
    minReadySeconds: by === 'kubectl' || by === 'rolling' ? 3 : 1,
  };
  const { url } = await installWeb(lab, namespace, options);
  if (preStopSleep) {
    await addSleep(namespace);
    // Pods without the sleep must be gone, and kube-proxy must know, or their losses would be counted here.
    await untilNoneTerminates(lab, namespace);
    await untilServing(url);
  }
  const rows = (outcome: string, seconds: number, { fresh, kept }: Traffic, warned: boolean | null): readonly Undrained[] =>
    [fresh, kept].map((report) => ({
      by,
      preStopSleep,
      keepAlive: report === kept,
      outcome,
      requests: report.requests,
      failed: report.failed,
      failures: sumFailures([report]),
      seconds: round(seconds),
      warned,
    }));
  const measured = await (async () => {
    if (by === 'kubectl') {
      const { seconds, traffic } = await underLoad(url, () => applyWeb(namespace, { ...options, version: newVersion }));
      return rows('succeeded', seconds, traffic, null);
    }
    const release = { image: image(newVersion), ...(preStopSleep ? { preStopSleep: sleep } : {}) };
    const { outcome, seconds, traffic, plan } = await rollOut({ lab, namespace, url, request: { strategy: strategyOf(by), release } });
    return rows(outcome.kind, seconds, traffic, plan?.warnings.some(({ id }) => id === 'zd/prestop-missing') ?? null);
  })();
  await lab.drop(namespace);
  return measured;
}
