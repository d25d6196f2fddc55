import type { App, TrackName } from '@shepherd/core';
import type { PrometheusOptions } from '../options.js';
import type { AnyMatcher } from '../promql/matcher.js';

/** What of an app is asked for. Before the rollout the pods may not be known: then all that are called like the app. */
export interface Selection {
  readonly app: App;
  readonly track: TrackName | undefined;
  readonly revision: string | undefined;
  readonly pods: readonly string[] | undefined;
  readonly options: Pick<PrometheusOptions, 'labels' | 'where' | 'ingress'>;
}

/** Something about the app that makes its metrics unreadable. */
export class SelectionError extends Error {
  override readonly name = 'SelectionError';
}

/** Namespace, pods and the user's own conditions. */
export function podMatchers({ app, pods, options }: Selection, defaults = { namespace: 'namespace', pod: 'pod' }): readonly AnyMatcher[] {
  const { namespace = defaults.namespace, pod = defaults.pod } = options.labels ?? {};
  const [first, ...rest] = pods ?? [];
  const which: AnyMatcher = first === undefined ? { label: pod, op: 'starts', value: app.name } : { label: pod, op: 'in', values: [first, ...rest] };
  return [{ label: namespace, op: '=', value: app.namespace }, which, ...(options.where ?? [])];
}

const generated = /^(.+)-[a-z0-9]{5,10}-[a-z0-9]{5}$/;

/** The workload that pods belong to, by their names. @throws SelectionError where they tell none, or several */
export function workloadOf({ app, pods }: Selection): string {
  const names = new Set(pods?.map((pod) => generated.exec(pod)?.[1] ?? pod) ?? [app.name]);
  const [name, ...more] = names;
  if (name === undefined || more.length > 0)
    throw new SelectionError(`the pods belong to several workloads (${[...names].join(', ')}); this vocabulary tells tracks apart by workload`);
  return name;
}
