import { applyWeb, image, installWeb, type Lab, type RolledOut, rollOut, strategyOf, underLoad, untilNoneTerminates } from '../lab/index.js';
import { median, round, rowsOf, sumLoads, type TrafficRow } from './row.js';

/** kubectl's own rolling update beside ours: five of each in turn, on one app, under the same load. */
export interface Pairs {
  readonly rows: readonly TrafficRow[];
  readonly kubectl: { readonly seconds: readonly number[]; readonly requests: number; readonly failed: number };
  readonly shepherd: { readonly seconds: readonly number[] };
}

const versions = ['1.1.0', '1.2.0', '2.0.0', '3.0.0', '1.0.0'] as const;
const count = 5;
const times = { beforeMs: 1_000, afterMs: 1_500 };

export async function measurePairs(lab: Lab, log: (line: string) => void): Promise<Pairs> {
  const namespace = await lab.namespace('bench-pairs');
  const options = { minReadySeconds: 3 };
  const { url } = await installWeb(lab, namespace, options);
  const theirs: { readonly seconds: number; readonly traffic: Awaited<ReturnType<typeof underLoad>>['traffic'] }[] = [];
  const ours: RolledOut[] = [];
  const next = (
    (index = 0) =>
    () =>
      versions[index++ % versions.length] ?? '1.0.0'
  )();
  let running: string = '1.0.0';
  for (let pair = 1; pair <= count; pair += 1) {
    const [byKubectl, byUs] = [next(), next()];
    theirs.push(await underLoad(url, () => applyWeb(namespace, { ...options, version: byKubectl }), times));
    running = byKubectl;
    await untilNoneTerminates(lab, namespace);
    const request = { strategy: strategyOf('rolling'), release: { image: image(byUs) } };
    ours.push(await rollOut({ lab, namespace, url, request, times, from: running, to: byUs }));
    await untilNoneTerminates(lab, namespace);
    log(`pair ${pair} of ${count}: kubectl ${theirs.at(-1)?.seconds.toFixed(2)} s, shepherd ${ours.at(-1)?.seconds.toFixed(2)} s`);
  }
  await lab.drop(namespace);
  const seconds = theirs.map((each) => round(each.seconds));
  const load = sumLoads(theirs.flatMap(({ traffic }) => [traffic.fresh, traffic.kept]));
  return {
    rows: rowsOf('rolling', 'good', ours as [RolledOut, ...RolledOut[]], median(seconds)),
    kubectl: { seconds, requests: load.requests, failed: load.failed },
    shepherd: { seconds: ours.map((each) => round(each.seconds)) },
  };
}
