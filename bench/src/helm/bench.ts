import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import type { Bench } from '../bench.js';
import { checks, kubectl, type Lab, openLab, type Traffic, underLoad, untilNoneTerminates, untilServing } from '../lab/index.js';
import { table } from '../table.js';
import { median, round, sumLoads } from '../traffic/row.js';
import { chart, helmByHand, values } from './chart.js';

const binaries = ['helm', 'helm4'] as const;
const versions = ['1.1.0', '1.2.0', '2.0.0', '3.0.0', '1.0.0'] as const;
const pairs = 5;
const times = { rate: 100, beforeMs: 500, afterMs: 1_000 };

interface Side {
  readonly seconds: number;
  readonly traffic: Traffic;
}

interface TheirSide extends Side {
  /** Until `rollout status` says that all pods are available, which helm 4 waits for and helm 3 does not (`minReadySeconds`): what Shepherd promises as well. */
  readonly available: number;
}

interface Pair {
  readonly theirs: TheirSide;
  readonly ours: Side;
}

/** `helm upgrade --wait` and a rollout of the same chart by Shepherd, in turn, on one app under the same load. */
async function measure(lab: Lab, binary: string, log: (line: string) => void) {
  const namespace = await lab.namespace(`bench-${binary}`);
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-bench-'));
  const file = join(folder, 'values.json');
  await writeFile(file, JSON.stringify(values));
  const platform = helm(kubernetes({ namespace, app: { checks } }), { binary });
  const shepherd = new Shepherd({ platform });
  const byHelm = async (tag: string): Promise<{ readonly waited: number; readonly available: number }> => {
    const from = performance.now();
    const seconds = (): number => (performance.now() - from) / 1_000;
    await helmByHand(binary, [
      'upgrade',
      '--install',
      'shepherd',
      chart,
      '-n',
      namespace,
      `--values=${file}`,
      `--set=image.tag=${tag}`,
      '--wait',
      '--timeout=120s',
    ]);
    const waited = seconds();
    await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/shepherd', '--timeout=120s']);
    return { waited, available: seconds() };
  };
  const byUs = async (tag: string): Promise<void> =>
    assertOutcome(await shepherd.deploy({ app: 'shepherd', release: { chart, values: [values, { image: { tag } }] } }).outcome, 'succeeded');
  try {
    await byHelm('1.0.0');
    const service = await lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`);
    const url = `http://${service['spec'].clusterIP}`;
    await untilServing(url);
    const sides: Pair[] = [];
    let step = 0;
    const one = async <T>(run: (tag: string) => Promise<T>) => {
      await untilNoneTerminates(lab, namespace);
      return underLoad(url, () => run(versions[step++ % versions.length] ?? '1.0.0'), times);
    };
    for (let pair = 1; pair <= pairs; pair += 1) {
      const { result, traffic } = await one(byHelm);
      const theirs = { seconds: result.waited, available: result.available, traffic };
      const ours = await one(byUs);
      sides.push({ theirs, ours });
      const [waited, available, us] = [theirs.seconds, theirs.available, ours.seconds].map((each) => each.toFixed(2));
      log(`${binary}, pair ${pair} of ${pairs}: helm ${waited} s, its pods available ${available} s, shepherd ${us} s`);
    }
    return rowOf(binary, sides);
  } finally {
    await shepherd.close();
    await platform[Symbol.asyncDispose]?.();
    await rm(folder, { recursive: true, force: true });
    await lab.drop(namespace);
  }
}

function rowOf(binary: string, sides: readonly Pair[]) {
  const loadOf = (side: 'theirs' | 'ours') => sumLoads(sides.flatMap((each) => [each[side].traffic.fresh, each[side].traffic.kept]));
  const [theirs, ours] = [sides.map((each) => round(each.theirs.seconds)), sides.map((each) => round(each.ours.seconds))];
  const available = sides.map((each) => round(each.theirs.available));
  return {
    binary,
    helmSeconds: median(theirs),
    shepherdSeconds: median(ours),
    times: round(median(ours) / median(theirs)),
    availableSeconds: median(available),
    timesAvailable: round(median(ours) / median(available)),
    requests: loadOf('ours').requests,
    failed: loadOf('ours').failed,
    failedByHelm: loadOf('theirs').failed,
    pairs: sides.map((_, index) => [theirs[index], available[index], ours[index]] as const),
  };
}

export const bench: Bench = async ({ only, log }) => {
  const chosen = binaries.filter((binary) => only === undefined || only === binary);
  if (chosen.length === 0) throw new RangeError(`helm has no part ${only}: ${binaries.join(' or ')}`);
  await using lab = await openLab();
  const rows = [];
  for (const binary of chosen) rows.push(await measure(lab, binary, log));
  const json = { name: 'helm', rows };
  return { json, text: table(rows.map(({ pairs: _pairs, ...row }) => row)), ok: rows.every(({ failed }) => failed === 0) };
};
