import type { Rollout, RolloutEvent } from '@shepherd/core';
import { preciseNow } from '@shepherd/sandbox/load';
import {
  image,
  installWeb,
  kubectl,
  type Lab,
  newVersion,
  releaseOf,
  rollOut,
  type StrategyName,
  strategyOf,
  untilNoneTerminates,
  untilVersionServes,
} from '../lab/index.js';
import { measured } from './measured.js';
import { type Back, backOf, type RollbackRow, rowOf } from './row.js';

const count = 5;
const times = { beforeMs: 1_000, afterMs: 1_500 };

const analysing = (event: RolloutEvent): boolean => event.type === 'step-start' && event.step.kind === 'analyse';
const moments: Readonly<Record<StrategyName, { readonly name: string; readonly is: (event: RolloutEvent) => boolean }>> = {
  rolling: { name: 'rolling, when the first new pod serves', is: (event) => event.type === 'step-start' && event.step.kind === 'roll' },
  'blue-green': { name: 'blue-green, in the grace after the switch', is: analysing },
  canary: { name: 'canary, in the first stage', is: analysing },
};

/** A person takes a release back while the old pods stand, or most of them; resolves with the time of the call. */
async function takeBack(rollout: Rollout, strategy: StrategyName, url: string): Promise<number> {
  for await (const event of rollout) if (moments[strategy].is(event)) break;
  await untilVersionServes(url, newVersion);
  // Of a canary and of blue/green it is the time to go back that counts, not how soon after the way there: kube-proxy writes once a second at most.
  if (strategy !== 'rolling') await new Promise((resolve) => setTimeout(resolve, 2_000));
  const decided = preciseNow();
  await rollout.abort({ reason: 'taken back by a person' });
  return decided;
}

/** As people take back what rolls on: `kubectl rollout undo`. */
async function undo(namespace: string, url: string, decide: () => void): Promise<void> {
  await kubectl(['-n', namespace, 'set', 'image', 'deployment/web', `*=${image(newVersion)}`]);
  await untilVersionServes(url, newVersion);
  decide();
  await kubectl(['-n', namespace, 'rollout', 'undo', 'deployment/web']);
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);
}

/** Five times in one namespace: the release that was taken back is released again. kubectl can take back a rolling release alone. */
export async function measureUp(lab: Lab, strategy: StrategyName, log: (line: string) => void): Promise<RollbackRow> {
  const namespace = await lab.namespace('bench-back-up');
  const { url } = await installWeb(lab, namespace);
  const [theirs, ours]: [Back[], Back[]] = [[], []];
  for (let round = 1; round <= count; round += 1) {
    if (strategy === 'rolling') {
      theirs.push(await measured(url, newVersion, (decide) => undo(namespace, url, decide)));
      await untilNoneTerminates(lab, namespace);
    }
    const request = { strategy: strategyOf(strategy, '60s'), release: releaseOf('good') };
    const run = await rollOut({ lab, namespace, url, request, times, meanwhile: (rollout) => takeBack(rollout, strategy, url) });
    const end = run.events.find((event) => event.type === 'rollout-end');
    if (run.outcome.kind !== 'rolled-back' || run.decidedAt === undefined || end === undefined) throw new Error(`it ended as ${run.outcome.kind}`);
    ours.push(backOf(run.traffic, newVersion, run.decidedAt, Date.parse(end.at)));
    log(`${strategy} ${round} of ${count}: shepherd ${said(ours.at(-1))}${strategy === 'rolling' ? `, kubectl ${said(theirs.at(-1))}` : ''}`);
    await untilNoneTerminates(lab, namespace);
  }
  await lab.drop(namespace);
  return rowOf(moments[strategy].name, 'up', ours, strategy === 'rolling' ? { name: 'kubectl rollout undo', backs: theirs } : undefined);
}

const said = (back: Back | undefined): string =>
  `traffic back after ${back?.backSeconds?.toFixed(2) ?? '?'} s, verified after ${back?.verifiedSeconds.toFixed(2)} s`;
