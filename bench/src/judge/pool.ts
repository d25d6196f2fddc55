import { Worker } from 'node:worker_threads';
import type { CellTask, Tallied } from './run-cell.js';
import type { LatencyTallied, LatencyTask } from './run-latency.js';
import type { VilleTask } from './run-ville.js';
import type { Task } from './worker.js';

type ResultOf<T extends Task> = T extends CellTask
  ? readonly Tallied[]
  : T extends LatencyTask
    ? LatencyTallied
    : T extends VilleTask
      ? { readonly rollouts: number; readonly crossed: number }
      : never;

/** Runs tasks on some threads; results in the order of the tasks. @throws the first error of a thread */
export async function runAll<T extends Task>(tasks: readonly T[], threads: number, done: (finished: number) => void): Promise<readonly ResultOf<T>[]> {
  const results: ResultOf<T>[] = [];
  let [next, finished] = [0, 0];
  const lane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./thread.mjs', import.meta.url));
      const more = (): void => {
        const id = next;
        next += 1;
        if (id < tasks.length) worker.postMessage({ id, task: tasks[id] });
        else worker.terminate().then(() => resolve(), reject);
      };
      worker.on('error', reject);
      worker.on('message', ({ id, result }: { readonly id: number; readonly result: ResultOf<T> }) => {
        results[id] = result;
        finished += 1;
        done(finished);
        more();
      });
      more();
    });
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, lane));
  return results;
}
