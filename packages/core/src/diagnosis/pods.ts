import type { PodState } from '../ports/diagnosis.js';
import type { Shepherd } from '../shepherd.js';
import type { AppRef } from '../words/app.js';
import { diagnosisOf } from './diagnosis-of.js';

/** One pod came, changed (state, readiness, restarts, image, track or node) or went. */
export type PodChange =
  | { readonly kind: 'came'; readonly pod: PodState }
  | { readonly kind: 'changed'; readonly pod: PodState; readonly before: PodState }
  | { readonly kind: 'went'; readonly before: PodState };

/** `signal`: ends it quietly. */
export interface PodsOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What differs between two looks, in order of name: those that went first. Pure. */
export function podChanges(before: ReadonlyMap<string, PodState>, now: readonly PodState[]): readonly PodChange[] {
  const names = new Set(now.map(({ name }) => name));
  const gone = [...before.values()].filter(({ name }) => !names.has(name)).map((pod): PodChange => ({ kind: 'went', before: pod }));
  const rest = now
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((pod): readonly PodChange[] => {
      const was = before.get(pod.name);
      if (was === undefined) return [{ kind: 'came', pod }];
      return same(was, pod) ? [] : [{ kind: 'changed', pod, before: was }];
    });
  return [...gone, ...rest];
}

const same = (a: PodState, b: PodState): boolean =>
  a.state === b.state &&
  a.ready === b.ready &&
  a.containers === b.containers &&
  a.restarts === b.restarts &&
  a.track === b.track &&
  a.node === b.node &&
  a.images.join() === b.images.join();

/**
 * The pods of every track of an app as they come, change and go; all that are there come first. Changes that happen together arrive together. Ends quietly
 * when the signal aborts. @throws ShepherdError ERR_APP_NOT_FOUND, ERR_FORBIDDEN, ERR_UNREACHABLE
 */
export async function* watchPods(
  shepherd: Shepherd<never>,
  app: AppRef,
  { signal = new AbortController().signal }: PodsOptions = {},
): AsyncIterable<readonly PodChange[]> {
  const { diagnosis, context } = await diagnosisOf(shepherd, app, signal);
  let before: ReadonlyMap<string, PodState> = new Map();
  for await (const pods of diagnosis.pods(context)) {
    const changes = podChanges(before, pods);
    before = new Map(pods.map((pod) => [pod.name, pod]));
    if (changes.length > 0) yield changes;
  }
}
