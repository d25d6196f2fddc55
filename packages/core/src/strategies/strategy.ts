import type { Definition, Schema } from '../extend/definition.js';
import type { Situation } from '../plan/situation.js';
import type { AnalysisOptions, ApprovalOptions, Step } from '../plan/step.js';

/**
 * Makes plans forward, purely; going back is core's own and never needs user code. `kind` and `options` are its only enumerable fields: an instance is its
 * own JSON, the class is found again by `static kind`.
 */
export interface Strategy<O = unknown> {
  readonly kind: string;
  readonly options: O;
  /** Same situation, same steps. @throws ShepherdError if the situation does not allow it: nothing was written */
  plan(situation: Situation): readonly Step[];
}

/** Without `metrics` in the Shepherd only `analysis: false` is accepted: nobody gets an unjudged canary by forgetting. */
export interface Judged {
  readonly analysis?: AnalysisOptions | false | undefined;
  readonly approval?: ApprovalOptions | undefined;
}

/** What `extensions` of a Shepherd holds: code that a plan or request refers to by name. */
export type Extension =
  | Definition<'step' | 'check' | 'gate', never>
  | { readonly kind: string; readonly input?: Schema<unknown> | undefined; new (options: never): Strategy };
