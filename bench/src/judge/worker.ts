import { parentPort } from 'node:worker_threads';
import { type CellTask, runCell } from './run-cell.js';
import { type LatencyTask, runLatency } from './run-latency.js';
import { runVille, type VilleTask } from './run-ville.js';

export type Task = CellTask | LatencyTask | VilleTask;

const answer = (task: Task): unknown => {
  switch (task.kind) {
    case 'cell':
      return runCell(task);
    case 'latency':
      return runLatency(task);
    case 'ville':
      return runVille(task);
  }
};

parentPort?.on('message', ({ id, task }: { readonly id: number; readonly task: Task }) => parentPort?.postMessage({ id, result: answer(task) }));
