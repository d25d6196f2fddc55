import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Lab } from '../../bench/src/lab/index.js';
import type { ChartOrder } from './chart-order.js';

/** Resolves when helm has noted an upgrade that it has not finished; with false where `ended` came first. */
async function untilPending(lab: Lab, namespace: string, ended: () => boolean): Promise<boolean> {
  const unfinished = `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm%2Cstatus%3Dpending-upgrade`;
  for (;;) {
    const { items } = await lab.read<{ readonly items: readonly object[] }>(unfinished);
    if (items.length > 0) return true;
    if (ended()) return false;
  }
}

/** The helm that this process has writing now. */
async function writingHelm(): Promise<number | undefined> {
  const children = (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')).split(' ').filter((pid) => pid !== '');
  for (const pid of children) {
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').then(
      (text) => text.split('\0'),
      (): readonly string[] => [],
    );
    if (args.includes('upgrade') && !args.some((arg) => arg.startsWith('--dry-run'))) return Number(pid);
  }
  return undefined;
}

/** Kills the helm of this process in the middle of its upgrade. @returns whether there was one */
export async function killHelm(lab: Lab, namespace: string, ended: () => boolean): Promise<boolean> {
  if (!(await untilPending(lab, namespace, ended))) return false;
  const pid = await writingHelm();
  return pid !== undefined && process.kill(pid, 'SIGKILL');
}

/** Has a process of its own release a chart, and kills that in the middle of its helm's upgrade. @throws Error where it ended by itself */
export async function killShepherd(lab: Lab, order: ChartOrder): Promise<void> {
  const child = fork(new URL('./chart-child.ts', import.meta.url), {
    execArgv: ['--conditions=@shepherd/source', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let said: unknown;
  child.on('message', (outcome) => (said = outcome));
  const exited = once(child, 'exit');
  child.send(order);
  const pending = await untilPending(lab, order.namespace, () => said !== undefined || child.exitCode !== null);
  child.kill('SIGKILL');
  await exited;
  if (!pending || said !== undefined) throw new Error(`it was not killed in the middle of an upgrade: ${JSON.stringify(said)}`);
}
