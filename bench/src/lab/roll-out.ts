import { type DeployRequest, type MetricsProvider, type Outcome, type Plan, type Rollout, type RolloutEvent, Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { lastNewConnection } from '@shepherd/sandbox/load';
import { countWrites } from './count-writes.js';
import type { Lab } from './lab.js';
import { newVersion } from './scenario.js';
import { type LoadTimes, type Traffic, underLoad } from './under-load.js';
import { type PodsSeen, watchPods } from './watch-pods.js';

/** Health on /api/health, which the readiness probe does not ask; no quiet minute, so that benches end. */
export const checks = standard({ quiet: '0s', health: '/api/health' });
/** The app serves on for 4 s after SIGTERM; that is when a kept connection is told to go, so the pods' own end is the drain. */
export const drain = '3s';

/** One rollout under load, and all that was seen of it. */
export interface RolledOut {
  readonly outcome: Outcome;
  readonly plan: Plan | undefined;
  readonly events: readonly RolloutEvent[];
  readonly seconds: number;
  readonly traffic: Traffic;
  readonly pods: PodsSeen;
  readonly apiWrites: number;
  readonly writes: Readonly<Record<string, number>>;
  /** When it was decided to go back (ms since 1970); undefined: it was not. */
  readonly decidedAt: number | undefined;
  /** From then to the last new connection that the new version answered; undefined if it never did. */
  readonly rollbackSeconds: number | undefined;
  /** From the start of the first switch of all traffic to the last new connection that the old version answered; undefined without such a switch. */
  readonly switchSeconds: number | undefined;
  /** From the API's first word that a pod will not start to the decision; undefined without either. */
  readonly recognisedSeconds: number | undefined;
}

export interface RollOutOptions {
  readonly lab: Lab;
  readonly namespace: string;
  readonly url: string;
  readonly request: Omit<DeployRequest<KubeRelease>, 'app'>;
  /** Versions before and after. @default 1.0.0 and `newVersion` */
  readonly from?: string;
  readonly to?: string;
  /** Does something to the rollout while it runs; resolves with the time of its decision, if it took one. */
  readonly meanwhile?: (rollout: Rollout) => Promise<number | undefined>;
  readonly times?: LoadTimes;
  /** @default nothing counts requests */
  readonly metrics?: MetricsProvider;
}

const sinceOf = (later: number | undefined, earlier: number | undefined): number | undefined =>
  later === undefined || earlier === undefined ? undefined : (later - earlier) / 1_000;

/** Releases `web` under load. */
export async function rollOut({
  lab,
  namespace,
  url,
  request,
  from = '1.0.0',
  to = newVersion,
  meanwhile,
  times,
  metrics,
}: RollOutOptions): Promise<RolledOut> {
  await using shepherd = new Shepherd({ platform: kubernetes({ namespace }), ...(metrics === undefined ? {} : { metrics }) });
  const pods = watchPods(lab, namespace);
  const writes = countWrites(namespace);
  const events: RolloutEvent[] = [];
  const run = async (): Promise<{ readonly outcome: Outcome; readonly plan: Plan | undefined; readonly asked: number | undefined }> => {
    const rollout = shepherd.deploy({ checks, drain, timeout: '3m', ...request, app: 'web' });
    const listening = (async () => {
      for await (const event of rollout) events.push(event);
    })();
    const asked = await meanwhile?.(rollout);
    const outcome = await rollout.outcome;
    await listening;
    return { outcome, plan: await rollout.started.catch(() => undefined), asked };
  };
  const { result, seconds, traffic } = await underLoad(url, run, times);
  const counted = writes.stop();
  const seen = await pods.stop();
  const back = events.find((event) => event.type === 'rollback-start');
  const decidedAt = result.asked ?? (back === undefined ? undefined : Date.parse(back.at));
  const answers = [...traffic.fresh.answers, ...traffic.kept.answers];
  const switched = events.find((event) => event.type === 'step-start' && event.step.kind === 'shift' && event.step.weight === 100);
  return {
    outcome: result.outcome,
    plan: result.plan,
    events,
    seconds,
    traffic,
    pods: seen,
    apiWrites: Object.values(counted).reduce((sum, each) => sum + each, 0),
    writes: counted,
    decidedAt,
    rollbackSeconds: sinceOf(lastNewConnection(answers, to), decidedAt),
    switchSeconds: sinceOf(lastNewConnection(answers, from), switched === undefined ? undefined : Date.parse(switched.at)),
    recognisedSeconds: sinceOf(decidedAt, seen.doomedAt),
  };
}
