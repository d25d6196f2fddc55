import { ShepherdError } from '../errors/shepherd-error.js';
import type { Driver } from './driver.js';

const retryMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
const backLimitMs = 1_800_000;

/** An API that does not answer says nothing about the release: try again, forward until the deadline, going back for half an hour. */
export async function retrying<T>(driver: Driver, work: () => Promise<T>): Promise<T> {
  const started = driver.clock.monotonicMs();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      driver.signal.throwIfAborted();
      const late = driver.clock.monotonicMs() - started > backLimitMs;
      if (!ShepherdError.is(error) || !error.retryable || late) throw error;
      await driver.clock.sleep(retryMs[Math.min(attempt, retryMs.length - 1)] as number, driver.signal);
    }
  }
}
