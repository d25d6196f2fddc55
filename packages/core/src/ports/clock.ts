/** The only source of time. `monotonicMs` is for leases, because remote and local wall clocks differ and jump (RR LK-3). */
export interface Clock {
  /** The wall clock, for people and for what is stored. */
  now(): Date;
  /** Milliseconds from any moment on, never back. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts, and leaves no timer. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
