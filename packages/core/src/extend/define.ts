import type { CheckDefinition } from './define-check.js';
import type { GateDefinition } from './define-gate.js';
import type { StepDefinition } from './define-step.js';
import type { Definition, Use } from './definition.js';

/** The code behind a kind of extension. */
export interface Code<I> {
  readonly step: StepDefinition<I, unknown>;
  readonly check: CheckDefinition<I>;
  readonly gate: GateDefinition<I>;
}

// A string key of its own, not a WeakMap: a definition made by another copy of core is found as well.
const code = Symbol.for('shepherd.extension');

/** The function that makes JSON for a plan, and carries the code to register. */
export function define<K extends keyof Code<I>, I>(extension: K, definition: { readonly use: string }): Definition<K, I> {
  const make = (input: unknown): Use<K> => ({ extension, use: definition.use, input });
  return Object.assign(make, { extension, use: definition.use, [code]: definition }) as unknown as Definition<K, I>;
}

/** The code that a definition carries. */
export function codeOf<K extends keyof Code<never>>(definition: Definition<K, never>): Code<unknown>[K] {
  return (definition as unknown as Record<symbol, Code<unknown>[K]>)[code] as Code<unknown>[K];
}
