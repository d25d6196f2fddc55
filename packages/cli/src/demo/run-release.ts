import type { Clock, Outcome, RolloutEvent, Shepherd, Strategy, Target } from '@shepherd/core';
import { endpoints, health, pods, replicas } from '@shepherd/core/checks';
import type { KubeRelease } from '@shepherd/kube';
import { type Answer, lastNewConnection, loadProcess } from '@shepherd/sandbox';
import type { Scenario } from './scenarios.js';

/** A line of the demo's table. */
export interface Run {
  readonly strategy: string;
  readonly release: string;
  readonly outcome: Outcome['kind'];
  readonly requests: number;
  readonly failed: number;
  /** Of the rollout. */
  readonly seconds: number;
  /** From the decision to the last new connection that the bad version answered; null where it had none, or was rolled back pod by pod. */
  readonly rollbackSeconds: number | null;
}

export interface ReleaseInput {
  readonly shepherd: Shepherd<KubeRelease>;
  readonly app: string;
  readonly image: string;
  readonly url: string;
  readonly scenario: Scenario;
  readonly strategy: Strategy;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  onEvent(event: RolloutEvent): void;
  /** The pods, every second. */
  onTarget(target: Target): void;
  /** Requests so far, asked for by who shows them. */
  onLoad(soFar: () => { readonly requests: number; readonly failed: number }): void;
}

export interface Released {
  readonly run: Run;
  readonly outcome: Outcome;
  readonly failures: Readonly<Record<string, number>>;
}

/** Requests a second on new connections, and as many on kept ones. */
export const rate = 110;
const checks = [pods({}), endpoints({}), health({ path: '/api/health' }), replicas({})];

/** One release under load, from before it starts until after it ended. */
export async function runRelease(input: ReleaseInput): Promise<Released> {
  const { shepherd, app, image, url, scenario, strategy, signal } = input;
  await using load = await loadProcess([
    { url, rate },
    { url, rate, keepAlive: true },
  ]);
  input.onLoad(() => load.soFar());
  const rollout = shepherd.deploy({ app, release: { image }, strategy, checks, drain: '1s', timeout: scenario.timeout ?? '30s' }, { signal });
  const stop = new AbortController();
  const reading = readPods(input, stop.signal);
  let decidedMs: number | undefined;
  for await (const event of rollout) {
    if (event.type === 'rollback-start') decidedMs = Date.parse(event.at);
    input.onEvent(event);
  }
  const outcome = await rollout.outcome;
  stop.abort();
  await reading;
  const reports = await load.stop();
  const [requests, failed] = [reports.reduce((sum, report) => sum + report.requests, 0), reports.reduce((sum, report) => sum + report.failed, 0)];
  input.onLoad(() => ({ requests, failed }));
  const answers = reports.flatMap((report) => report.answers);
  const failures: Record<string, number> = {};
  for (const report of reports) for (const [kind, count] of Object.entries(report.failures)) failures[kind] = (failures[kind] ?? 0) + count;
  return {
    run: {
      strategy: strategy.kind,
      release: scenario.release,
      outcome: outcome.kind,
      requests,
      failed,
      seconds: Math.round(outcome.ms / 100) / 10,
      rollbackSeconds: strategy.kind === 'rolling' ? null : backSeconds(answers, scenario.version, decidedMs),
    },
    outcome,
    failures,
  };
}

async function readPods({ shepherd, app, clock, onTarget }: ReleaseInput, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // Only what is shown is lost with it.
    await shepherd.status(app).then(
      ({ target }) => onTarget(target),
      () => undefined,
    );
    await clock.sleep(1_000, signal).catch(() => undefined);
  }
}

function backSeconds(answers: readonly Answer[], version: string, decidedMs: number | undefined): number | null {
  const last = decidedMs === undefined ? undefined : lastNewConnection(answers, version);
  return last === undefined || decidedMs === undefined ? null : Math.round(Math.max(0, last - decidedMs)) / 1_000;
}
