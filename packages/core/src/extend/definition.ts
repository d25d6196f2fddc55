import type { Json } from '../words/json.js';
import type { Suspicion } from '../words/suspicion.js';

/** A step, check or gate in a plan or request: which one, with what input. `use` is a global name: `acme/cache-warm-up`. */
export interface Use<K extends 'step' | 'check' | 'gate'> {
  readonly extension: K;
  readonly use: string;
  readonly input: unknown;
  /**
   * Of a check alone: where it fails during a rollout, an incident of this kind is opened and escalated at once, and the rollout is held instead of taken back
   * (EC 3, E3 and E4). `{ ...http({ path: '/ledger/balanced' }), incident: 'data-corruption' }`
   */
  readonly incident?: Suspicion | undefined;
}

/** Call it to use it, register it (`extensions` of the Shepherd) to have it run. */
export interface Definition<K extends 'step' | 'check' | 'gate', I> {
  readonly extension: K;
  readonly use: string;
  (input: Json<I>): Use<K>;
}

/** Any Standard Schema (zod, valibot, arktype): checks input that comes back from a journal or over HTTP. */
export interface Schema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** `use`: a global name, as `acme/cache-warm-up`. `input`: checks what comes back from a journal or over HTTP. `describe`: its line in the plan. */
export interface Named<I> {
  readonly use: string;
  readonly input?: Schema<I> | undefined;
  describe?(input: I): string;
}
