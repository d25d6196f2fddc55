import { BlueGreen, type Rollout } from '@shepherd/core';
import { lastNewConnection, preciseNow } from '@shepherd/sandbox/load';
import { installWeb, kubectl, type Lab, newVersion, releaseOf, rollOut, type StrategyName, strategyOf, underLoad, webManifest } from '../lab/index.js';
import { abortWhileWatching } from './abort-while-watching.js';
import { orNull, round } from './row.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A person takes a good release back while stable can carry all traffic. */
export interface Abort {
  readonly strategy: StrategyName;
  readonly when: string;
  readonly outcome: string;
  /** From the call to the last new connection on the new version. */
  readonly rollbackSeconds: number | null;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
}

export async function measureAbort(lab: Lab, strategy: 'blue-green' | 'canary'): Promise<Abort> {
  const namespace = await lab.namespace('bench-abort');
  const { url } = await installWeb(lab, namespace);
  const request = { strategy: strategyOf(strategy, '60s'), release: releaseOf('good') };
  const run = await rollOut({ lab, namespace, url, request, meanwhile: (rollout) => abortWhileWatching(rollout) });
  await lab.drop(namespace);
  const { fresh, kept } = run.traffic;
  return {
    strategy,
    when: strategy === 'blue-green' ? 'in the grace after the switch' : 'in the first stage',
    outcome: run.outcome.kind,
    rollbackSeconds: orNull(run.rollbackSeconds),
    seconds: round(run.seconds),
    requests: fresh.requests + kept.requests,
    failed: fresh.failed + kept.failed,
  };
}

/** Blue/green with endpoints quiet before, as a person switches: from the approval to the last new connection on the old version. */
export async function measureSwitch(lab: Lab): Promise<{ readonly seconds: number | null; readonly requests: number; readonly failed: number }> {
  const namespace = await lab.namespace('bench-switch');
  const { url } = await installWeb(lab, namespace);
  const strategy = new BlueGreen({ soak: '3s', analysis: false, approval: { timeout: '1m', onTimeout: 'reject' } });
  const approve = async (rollout: Rollout): Promise<number> => {
    for await (const event of rollout) if (event.type === 'approval-request') break;
    await pause(3_000);
    const decided = preciseNow();
    await rollout.approve();
    return decided;
  };
  const { outcome, traffic, decidedAt } = await rollOut({ lab, namespace, url, request: { strategy, release: releaseOf('good') }, meanwhile: approve });
  await lab.drop(namespace);
  if (outcome.kind !== 'succeeded') throw new Error(`the rollout ended as ${outcome.kind}`);
  const { fresh, kept } = traffic;
  const last = lastNewConnection([...fresh.answers, ...kept.answers], '1.0.0');
  return {
    seconds: last === undefined || decidedAt === undefined ? null : round((last - decidedAt) / 1_000),
    requests: fresh.requests + kept.requests,
    failed: fresh.failed + kept.failed,
  };
}

/** `kubectl patch` of a Service's selector between two Deployments that stand: what a switch costs without anything around it. */
export async function measureBareSwitch(
  lab: Lab,
  times = 5,
): Promise<{ readonly seconds: readonly (number | null)[]; readonly requests: number; readonly failed: number }> {
  const namespace = await lab.namespace('bench-patch');
  const { url } = await installWeb(lab, namespace);
  const green = webManifest({ version: newVersion }).replaceAll('"app":"web"', '"app":"green"').replaceAll('"name":"web","labels"', '"name":"green","labels"');
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: green });
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/green', '--timeout=60s']);
  const seconds: (number | null)[] = [];
  let requests = 0;
  let failed = 0;
  for (let i = 0; i < times; i += 1) {
    const [from, to] = i % 2 === 0 ? ['1.0.0', 'green'] : [newVersion, 'web'];
    const patch = JSON.stringify({ spec: { selector: { app: to } } });
    const { result: decided, traffic } = await underLoad(
      url,
      async () => {
        const at = preciseNow();
        await kubectl(['-n', namespace, 'patch', 'service', 'web', '-p', patch]);
        return at;
      },
      { beforeMs: 2_000, afterMs: 1_500 },
    );
    const last = lastNewConnection([...traffic.fresh.answers, ...traffic.kept.answers], from ?? '');
    seconds.push(last === undefined ? null : round((last - decided) / 1_000));
    requests += traffic.fresh.requests + traffic.kept.requests;
    failed += traffic.fresh.failed + traffic.kept.failed;
  }
  await lab.drop(namespace);
  return { seconds, requests, failed };
}
