import type { PortContext } from '@shepherd/core';
import type { ChartRelease } from './options.js';
import { kept } from './revisions/catalogue.js';

/** By call, where there is no rollout. */
const ofCalls = new WeakMap<PortContext, Map<string, Promise<unknown>>>();

/** Once a rollout and release: what was planned is what runs. A plan alone is always made anew, but once. */
export function ofRollout<T>(known: Map<string, Promise<T>>, context: PortContext, release: ChartRelease, what: string, work: () => Promise<T>): Promise<T> {
  const { app, rolloutId } = context;
  const key = JSON.stringify([what, app, rolloutId, release]);
  if (rolloutId !== undefined) return kept(known, key, work);
  const ofCall = (ofCalls.get(context) ?? new Map()) as Map<string, Promise<T>>;
  ofCalls.set(context, ofCall);
  return kept(ofCall, key, work);
}
