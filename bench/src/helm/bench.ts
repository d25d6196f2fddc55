import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import type { Bench } from '../bench.js';
import { checks, type Lab, openLab, type Traffic, underLoad, untilNoneTerminates, untilServing } from '../lab/index.js';
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

/** `helm upgrade --wait` and a rollout of the same chart by Shepherd, in turn, on one app under the same load. */
async function measure(lab: Lab, binary: string, log: (line: string) => void) {
  const namespace = await lab.namespace(`bench-${binary}`);
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-bench-'));
  const file = join(folder, 'values.json');
  await writeFile(file, JSON.stringify(values));
  const platform = helm(kubernetes({ namespace, app: { checks } }), { binary });
  const shepherd = new Shepherd({ platform });
  const byHelm = (tag: string) =>
    helmByHand(binary, ['upgrade', '--install', 'shepherd', chart, '-n', namespace, `--values=${file}`, `--set=image.tag=${tag}`, '--wait', '--timeout=120s']);
  const byUs = async (tag: string): Promise<void> =>
    assertOutcome(await shepherd.deploy({ app: 'shepherd', release: { chart, values: [values, { image: { tag } }] } }).outcome, 'succeeded');
  try {
    await byHelm('1.0.0');
    const service = await lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`);
    const url = `http://${service['spec'].clusterIP}`;
    await untilServing(url);
    const sides: { readonly theirs: Side; readonly ours: Side }[] = [];
    let step = 0;
    const one = async (run: (tag: string) => Promise<unknown>): Promise<Side> => {
      await untilNoneTerminates(lab, namespace);
      return underLoad(url, () => run(versions[step++ % versions.length] ?? '1.0.0'), times);
    };
    for (let pair = 1; pair <= pairs; pair += 1) {
      sides.push({ theirs: await one(byHelm), ours: await one(byUs) });
      log(`${binary}, pair ${pair} of ${pairs}: helm ${sides.at(-1)?.theirs.seconds.toFixed(2)} s, shepherd ${sides.at(-1)?.ours.seconds.toFixed(2)} s`);
    }
    return rowOf(binary, sides);
  } finally {
    await shepherd.close();
    await platform[Symbol.asyncDispose]?.();
    await rm(folder, { recursive: true, force: true });
    await lab.drop(namespace);
  }
}

function rowOf(binary: string, sides: readonly { readonly theirs: Side; readonly ours: Side }[]) {
  const loadOf = (side: 'theirs' | 'ours') => sumLoads(sides.flatMap((each) => [each[side].traffic.fresh, each[side].traffic.kept]));
  const [theirs, ours] = [sides.map((each) => round(each.theirs.seconds)), sides.map((each) => round(each.ours.seconds))];
  return {
    binary,
    helmSeconds: median(theirs),
    shepherdSeconds: median(ours),
    times: round(median(ours) / median(theirs)),
    requests: loadOf('ours').requests,
    failed: loadOf('ours').failed,
    failedByHelm: loadOf('theirs').failed,
    pairs: sides.map((_, index) => [theirs[index], ours[index]] as const),
  };
}

export const bench: Bench = async ({ only, log }) => {
  const chosen = binaries.filter((binary) => only === undefined || only === binary);
  if (chosen.length === 0) throw new RangeError(`helm has no part ${only}: ${binaries.join(' or ')}`);
  await using lab = await openLab();
  const rows = [];
  for (const binary of chosen) rows.push(await measure(lab, binary, log));
  const json = { name: 'helm', rows };
  return { json, text: table(rows.map(({ pairs: _, ...row }) => row)), ok: rows.every(({ failed }) => failed === 0) };
};
