import { fork } from 'node:child_process';
import type { LoadNews, LoadOrder } from './load-messages.js';
import type { LoadOptions, LoadReport } from './load-options.js';

/** Loads that run in a process of their own, side by side. */
export interface LoadProcess extends AsyncDisposable {
  /** Requests ended so far, of all loads together; up to 250 ms old. */
  soFar(): { readonly requests: number; readonly failed: number };
  /** One report for each load, in their order. The process has ended when it resolves. A second call returns the same. */
  stop(): Promise<readonly LoadReport[]>;
}

// Sources run only inside this repository, where tsx is at hand.
const isSource = import.meta.url.endsWith('.ts');

/**
 * The same as `openLoop`, in a child process: who measures a rollout and who drives it share no event loop. Resolves when the first requests are sent;
 * rejects for options that make no sense. The child ends with its parent.
 */
export async function loadProcess(loads: readonly LoadOptions[]): Promise<LoadProcess> {
  const child = fork(new URL(isSource ? './load-child.ts' : './load-child.js', import.meta.url), {
    execArgv: isSource ? ['--import', 'tsx'] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const heard = new Map<LoadNews['kind'], (news: LoadNews) => void>();
  let counts = { requests: 0, failed: 0 };
  let lost: Error | undefined;
  let onLost: ((error: Error) => void) | undefined;
  const lose = (error: Error): void => {
    lost ??= error;
    onLost?.(lost);
  };
  child.on('message', (news: LoadNews) => {
    if (news.kind === 'progress') counts = { requests: news.requests, failed: news.failed };
    if (news.kind === 'failed') lose(new Error(`the load failed: ${news.message}`));
    heard.get(news.kind)?.(news);
  });
  child.once('error', lose);
  child.once('exit', (code, signal) => lose(new Error(`the load process ended by itself [code=${code}, signal=${signal}]`)));
  const ask = <K extends LoadNews['kind']>(order: LoadOrder, answer: K): Promise<Extract<LoadNews, { kind: K }>> =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      onLost = reject;
      heard.set(answer, (news) => resolve(news as Extract<LoadNews, { kind: K }>));
      child.send(order);
    });

  try {
    await ask({ kind: 'start', loads }, 'started');
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  let reports: Promise<readonly LoadReport[]> | undefined;
  const stop = async (): Promise<readonly LoadReport[]> => {
    const { reports: all } = await ask({ kind: 'stop' }, 'stopped');
    if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
    return all;
  };
  return {
    soFar: () => counts,
    stop: () => {
      reports ??= stop();
      return reports;
    },
    [Symbol.asyncDispose]: async () => {
      if (reports === undefined) child.kill('SIGKILL');
      else await reports.catch(() => undefined);
    },
  };
}
