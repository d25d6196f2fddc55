import { availableParallelism } from 'node:os';
import { forkSource } from '../fork-source.js';
import type { Scenario } from '../scenario.js';
import { sumOf, type VirtualOptions, type VirtualResult } from './run-points.js';

/** Parent to child. */
export interface VirtualOrder extends Pick<VirtualOptions, 'every' | 'doubles'> {
  readonly scenario: Scenario;
  readonly seed: number;
}

/** Child to parent. */
export type VirtualNews =
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'result'; readonly result: VirtualResult }
  | { readonly kind: 'failed'; readonly message: string };

/** The same as `virtualPoints`, on every processor: scenarios know nothing of each other. */
export async function virtualSideBySide({ scenarios, random, log, every, doubles }: VirtualOptions): Promise<VirtualResult> {
  // The longest ones first.
  const queue = [...scenarios].reverse().map((scenario): VirtualOrder => ({ scenario, every, doubles, seed: Math.floor(random() * 1_000_000) }));
  const results: VirtualResult[] = [];
  const worker = async (): Promise<void> => {
    const child = forkSource(new URL('./virtual-child.ts', import.meta.url));
    try {
      for (let order = queue.shift(); order !== undefined; order = queue.shift()) results.push(await ask(order));
    } finally {
      child.kill();
    }

    function ask(order: VirtualOrder): Promise<VirtualResult> {
      return new Promise((resolve, reject) => {
        child.removeAllListeners();
        child.once('exit', (code, signal) => reject(new Error(`the process of the virtual part ended [code=${code}, signal=${signal}]`)));
        child.on('message', (news: VirtualNews) => {
          if (news.kind === 'log') log(news.line);
          else if (news.kind === 'result') resolve(news.result);
          else reject(new Error(news.message));
        });
        child.send(order);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), scenarios.length) }, worker));
  return sumOf(results);
}
