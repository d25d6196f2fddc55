import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { StatusCause } from '../status-error.js';

/** What rules may ask while they prepare an object. */
export interface RuleContext {
  /** Every object of a resource, all namespaces. */
  list(resource: string): readonly KubeObject[];
}

/**
 * What sets one kind apart, in the order in which the server asks: defaults, prepare, validate. Rules change the draft in place. Nothing here sees
 * `metadata.uid`, versions or timestamps: those are the registry's.
 */
export interface KindRules {
  /** Fills what the client left out; idempotent, runs on every write. */
  defaults?(draft: Wire): void;
  /** Sets what a client may not: initial status, allocated addresses. */
  prepareCreate?(draft: Wire, context: RuleContext): void;
  prepareUpdate?(draft: Wire, previous: KubeObject, context: RuleContext): void;
  validate?(draft: Wire): StatusCause[];
  /** Only what must not change; `validate` has run too. */
  validateUpdate?(draft: Wire, previous: KubeObject): StatusCause[];
  /** Whether nothing changed that counts for `metadata.generation`. @default the spec is the same */
  sameSpec?(draft: Wire, previous: KubeObject): boolean;
  /** What counts for `metadata.generation` besides `spec`. */
  countsAsSpec?(draft: Wire, previous: KubeObject): boolean;
}
