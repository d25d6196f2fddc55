import type { Duration } from '../words/duration.js';
import type { Json } from '../words/json.js';
import type { Verdict } from '../words/verdict.js';
import { define } from './define.js';
import type { CheckContext } from './define-check.js';
import type { Definition, Named } from './definition.js';

/** `saved`: what `save` stored before a crash. `progress` becomes a transient event. */
export interface StepContext<S = never> extends CheckContext {
  readonly saved: Json<S> | undefined;
  save(state: Json<S>): Promise<void>;
  progress(message: string, data?: unknown): void;
}

/** What `defineStep` takes. `timeout`: of one call of `run`, also of `undo`. */
export interface StepDefinition<I, S = never> extends Named<I> {
  readonly timeout: Duration;
  run(input: I, context: StepContext<S>): Promise<Verdict | void>;
  undo?(input: I, context: StepContext<S>): Promise<void>;
}

/**
 * A step of one's own. `run` bears a repeat: after a crash it is called again. Nothing returned is a pass; a throw is a fail, or a retry if it is a
 * `ShepherdError` with `retryable`. `undo`: once `run` was started, going back calls it, after the traffic is back; a process where it is not registered
 * brings the traffic back all the same, holds there and says so.
 */
export function defineStep<I, S = never>(definition: StepDefinition<I, S>): Definition<'step', I> {
  return define('step', definition);
}
