import assert from 'node:assert/strict';
import { systemClock } from '../../internal/system-clock.js';
import { type Answer, type Asked, closedUrl, startDouble } from './double.js';

const hurryMs = 2_000;

/** The plugin's work ends soon once its signal has aborted, and not by a resolved promise. */
export async function endsWithSignal(answer: () => Answer, work: (url: string, signal: AbortSignal) => Promise<unknown>): Promise<void> {
  await using double = await startDouble(answer);
  const stop = new AbortController();
  const timer = new AbortController();
  const asked = double.next();
  const done = work(double.url, stop.signal).then(
    () => 'it resolved',
    () => 'it rejected',
  );
  const first = await Promise.race([asked.then(() => 'it asked'), done]);
  assert.equal(first, 'it asked', 'it ended before it asked its backend');
  stop.abort(new Error('stopped'));
  const late = systemClock.sleep(hurryMs, timer.signal).then(
    () => `still at work ${hurryMs / 1_000} s after the abort`,
    () => '',
  );
  const end = await Promise.race([done, late]);
  timer.abort();
  assert.equal(end, 'it rejected');
}

/** What comes of work against a backend that answers so, or that is down; a throw is `undefined`. */
export async function against<T>(answer: ((asked: Asked) => Answer) | 'down', work: (url: string) => Promise<T>): Promise<T | undefined> {
  if (answer === 'down') return work(await closedUrl()).catch(() => undefined);
  await using double = await startDouble(answer);
  return await work(double.url).catch(() => undefined);
}
