import { names } from '../names.js';
import { annotation, type Deployment, type Service } from '../objects.js';

/** A patch, or a whole object that is applied. */
export type Body = { readonly metadata?: object; readonly spec?: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;

const without = (spec: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> => {
  const { [key]: _, ...rest } = spec;
  return rest;
};

/**
 * A child's patch of an object of the app, without what a rollout holds there for a while: the selector of a Service that it switched, the replicas of a
 * Deployment that it scaled. An apply names the whole object, so there the live value stands in for its own. Pure.
 */
export function withHeldFields(body: Body, live: Deployment | Service, whole: boolean): Body {
  const held = heldField(live);
  if (held === undefined || body.spec?.[held] === undefined) return body;
  const rest = without(body.spec, held);
  const value = (live.spec as Readonly<Record<string, unknown>>)[held];
  return { ...body, spec: whole ? { ...rest, [held]: value } : rest };
}

function heldField(live: Deployment | Service): 'selector' | 'replicas' | undefined {
  if (annotation(live, names.selector) !== undefined) return 'selector';
  return annotation(live, names.replicas) !== undefined || annotation(live, names.desired) !== undefined ? 'replicas' : undefined;
}
