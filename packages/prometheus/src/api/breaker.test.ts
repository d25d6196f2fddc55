import { VirtualClock } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { ApiError } from './api-error.js';
import { Breaker } from './breaker.js';

/** An endpoint that is down until it is told to be well. */
function endpoint() {
  const state = { asked: 0, error: new ApiError('network', 'cannot be reached') as Error | undefined };
  const work = async (): Promise<string> => {
    state.asked += 1;
    if (state.error !== undefined) throw state.error;
    return 'well';
  };
  return { state, work };
}
const failed = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => Promise.reject(new Error('it worked')),
    (error: unknown) => error as ApiError,
  );

test('five failures in a row open it; after thirty seconds one request tries, and opens or closes it', async () => {
  using clock = new VirtualClock();
  const [{ state, work }, breaker] = [endpoint(), new Breaker()];
  for (let i = 0; i < 5; i += 1) expect((await failed(breaker.run(clock, work))).retryable).toBe(true);
  const resting = await failed(breaker.run(clock, work));
  expect([state.asked, resting.failure, resting.retryable]).toEqual([5, 'network', false]);
  expect(resting.message).toBe('cannot be reached; it failed 5 times in a row, asked again in 30 s');
  await clock.advance('29999ms');
  await failed(breaker.run(clock, work));
  expect(state.asked).toBe(5);
  await clock.advance('1ms');
  await failed(breaker.run(clock, work));
  expect(state.asked).toBe(6);
  await failed(breaker.run(clock, work));
  expect(state.asked).toBe(6);
  state.error = undefined;
  await clock.advance('30s');
  expect(await breaker.run(clock, work)).toBe('well');
  expect(await breaker.run(clock, work)).toBe('well');
});

test('while one request tries, others are not sent', async () => {
  using clock = new VirtualClock();
  const [{ work }, breaker] = [endpoint(), new Breaker()];
  for (let i = 0; i < 5; i += 1) await failed(breaker.run(clock, work));
  await clock.advance('30s');
  let answer: (text: string) => void = () => undefined;
  const probe = breaker.run(clock, () => new Promise<string>((resolve) => (answer = resolve)));
  expect((await failed(breaker.run(clock, work))).message).toContain('one request tries it now');
  answer('well');
  expect(await probe).toBe('well');
});

test('a success in between begins the count anew, and what is the query’s own fault counts for nothing', async () => {
  using clock = new VirtualClock();
  const [{ state, work }, breaker] = [endpoint(), new Breaker()];
  const down = state.error;
  for (let i = 0; i < 4; i += 1) await failed(breaker.run(clock, work));
  state.error = undefined;
  await breaker.run(clock, work);
  state.error = down;
  for (let i = 0; i < 4; i += 1) await failed(breaker.run(clock, work));
  state.error = new ApiError('refused-query', 'parse error');
  for (let i = 0; i < 9; i += 1) await failed(breaker.run(clock, work));
  expect(state.asked).toBe(18);
});
