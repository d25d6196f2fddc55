import { type LoadReport, loadProcess, preciseNow } from '@shepherd/sandbox/load';

/** What the clients saw: half of them with a new connection for each request, half with kept ones. */
export interface Traffic {
  readonly fresh: LoadReport;
  readonly kept: LoadReport;
}

export interface LoadTimes {
  /** Requests a second of each of the two. @default 150 */
  readonly rate?: number;
  /** @default 2000 */
  readonly beforeMs?: number;
  /** @default 3000 */
  readonly afterMs?: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs something under load from another process, from a while before to a while after. */
export async function underLoad<T>(
  url: string,
  run: () => Promise<T>,
  { rate = 150, beforeMs = 2_000, afterMs = 3_000 }: LoadTimes = {},
): Promise<{ readonly result: T; readonly seconds: number; readonly traffic: Traffic }> {
  await using load = await loadProcess([
    { url, rate },
    { url, rate, keepAlive: true },
  ]);
  await pause(beforeMs);
  const from = preciseNow();
  const result = await run();
  const seconds = (preciseNow() - from) / 1_000;
  await pause(afterMs);
  const [fresh, kept] = await load.stop();
  if (fresh === undefined || kept === undefined) throw new Error('the load reported nothing');
  return { result, seconds, traffic: { fresh, kept } };
}
