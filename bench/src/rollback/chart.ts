import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { chart, helmByHand, values } from '../helm/chart.js';
import { checks, type Lab, untilNoneTerminates, untilServing } from '../lab/index.js';
import { measured } from './measured.js';
import { type Back, type RollbackRow, rowOf } from './row.js';

const count = 5;

/** `helm rollback --wait` and a rollback of the same chart by Shepherd, in turn. */
export async function measureChart(lab: Lab, binary: 'helm' | 'helm4', log: (line: string) => void): Promise<RollbackRow> {
  const namespace = await lab.namespace(`bench-back-${binary}`);
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-bench-'));
  const file = join(folder, 'values.json');
  await writeFile(file, JSON.stringify(values));
  const platform = helm(kubernetes({ namespace, app: { checks } }), { binary });
  const shepherd = new Shepherd({ platform });
  const upgrade = (tag: string) =>
    helmByHand(binary, ['upgrade', '--install', 'shepherd', chart, '-n', namespace, `--values=${file}`, `--set=image.tag=${tag}`, '--wait', '--timeout=120s']);
  const [theirs, ours]: [Back[], Back[]] = [[], []];
  try {
    await upgrade('1.0.0');
    const service = await lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`);
    const url = `http://${service['spec'].clusterIP}`;
    await untilServing(url);
    const one = async (left: string, run: () => Promise<unknown>): Promise<Back> => {
      await untilNoneTerminates(lab, namespace);
      const back = await measured(url, left, run);
      await untilNoneTerminates(lab, namespace);
      return back;
    };
    const first = (await shepherd.history('shepherd'))[0]?.hash ?? '';
    for (let pair = 1; pair <= count; pair += 1) {
      await upgrade('1.1.0');
      theirs.push(await one('1.1.0', () => helmByHand(binary, ['rollback', 'shepherd', '-n', namespace, '--wait', '--timeout=120s'])));
      await upgrade('2.0.0');
      // By hash: what helm wrote by hand nobody has verified.
      ours.push(await one('2.0.0', async () => assertOutcome(await shepherd.rollback({ app: 'shepherd', to: first }).outcome, 'succeeded')));
      log(`${binary}, pair ${pair} of ${count}: helm ${theirs.at(-1)?.verifiedSeconds.toFixed(2)} s, shepherd ${ours.at(-1)?.verifiedSeconds.toFixed(2)} s`);
    }
    return rowOf(`chart by ${binary}`, 'gone', ours, { name: `${binary} rollback --wait`, backs: theirs });
  } finally {
    await shepherd.close();
    await platform[Symbol.asyncDispose]?.();
    await rm(folder, { recursive: true, force: true });
    await lab.drop(namespace);
  }
}
