import type { Clock } from '@shepherd/core';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { ApiError } from './api-error.js';

/** So many in a row, and nothing is asked for a while; then one request tries (EC 7). */
const failures = 5;
const restMs = 30_000;

/** What says something of the endpoint, not of the query. */
const isItsFault = (error: unknown): boolean => error instanceof ApiError && ['network', 'overloaded', 'timeout'].includes(error.failure);

/**
 * The circuit breaker of one endpoint. cockatiel counts and lets one request try; it knows no clock but the machine's, so that a rest of no length is what it is told,
 * and how long one lasts is measured here, by the clock of the rollout.
 */
export class Breaker {
  // Less than any time that passes, also where somebody turns the machine's clock back.
  readonly #policy = circuitBreaker(handleWhen(isItsFault), { halfOpenAfter: Number.NEGATIVE_INFINITY, breaker: new ConsecutiveBreaker(failures) });
  #last: ApiError | undefined;
  #untilMs = 0;

  /** @throws ApiError of the last failure where the endpoint rests, without asking it */
  async run<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
    const { state } = this.#policy;
    const leftMs = this.#untilMs - clock.monotonicMs();
    if (this.#last !== undefined && ((state === CircuitState.Open && leftMs > 0) || state === CircuitState.HalfOpen)) throw resting(this.#last, leftMs);
    try {
      return await this.#policy.execute(work);
    } catch (error) {
      if (isItsFault(error)) this.#last = error as ApiError;
      if (this.#policy.state === CircuitState.Open) this.#untilMs = clock.monotonicMs() + restMs;
      throw error;
    }
  }
}

const resting = ({ failure, message, status }: ApiError, leftMs: number): ApiError => {
  const again = leftMs > 0 ? `asked again in ${Math.ceil(leftMs / 1_000)} s` : 'one request tries it now';
  return new ApiError(failure, `${message}; it failed ${failures} times in a row, ${again}`, { status, asked: false });
};
