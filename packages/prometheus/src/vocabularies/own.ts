import { aggregate, part, selector, union } from '../promql/expression.js';
import { renderMatchers } from '../promql/matcher.js';
import { escapePattern, quote } from '../promql/quote.js';
import { podMatchers, type Selection } from './selection.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Raw cumulative counters, one series a target: `sum by (job, instance, pod) (shop_orders_total{$where})`. `latency` also `by (le)`. Holes stand for a
 * whole value and are never text: `$where` for all conditions of a selector (namespace, pods, `where`), `$pods` behind `=~`; `$namespace`, `$app`, `$track`
 * and `$revision` behind `=` or `!=`. Rates and increases are refused: core finds resets and gaps itself, from counters.
 */
export interface OwnQueries {
  readonly requests: string;
  readonly errors: string;
  readonly latency?: string | undefined;
  /** How full a pod is, 0 to 1: of its connections, its queue. Rates are allowed: it is a reason to wait, and part of no test. @default by CPU and memory */
  readonly saturation?: string | undefined;
}

const hole = /\$(where|pods|namespace|app|track|revision)\b/g;

/** @throws ShepherdError ERR_INVALID_OPTIONS for values that no label can have */
export function fill(template: string, selection: Selection): string {
  const { app, track = 'stable', revision = '-', pods } = selection;
  return template.replaceAll(hole, (_, name: string) => {
    switch (name) {
      case 'where':
        return renderMatchers(podMatchers(selection));
      case 'pods':
        return quote(pods?.map(escapePattern).join('|') ?? `${escapePattern(app.name)}(-.+)?`);
      case 'namespace':
        return quote(app.namespace);
      case 'app':
        return quote(app.name);
      case 'track':
        return quote(track);
      default:
        return quote(revision);
    }
  });
}

/** One's own counters. When a sample was taken is what `up` of the same pods says. */
export function own(queries: OwnQueries): Vocabulary {
  const target = ['job', 'instance', 'pod'];
  const sampled = (selection: Selection, wrap: (bare: string) => string): string => aggregate('max', target, wrap(selector('up', podMatchers(selection))));
  return {
    name: 'own',
    target,
    single: true,
    unitsPerSecond: 1,
    judge: () => 'good',
    presence: (selection) => `(${fill(queries.requests, selection)})`,
    query(selection, { latency }) {
      const parts = [
        part('requests', fill(queries.requests, selection)),
        part('errors', fill(queries.errors, selection)),
        part(
          'sampled',
          sampled(selection, (bare) => `timestamp(${bare})`),
        ),
        part(
          'samples',
          sampled(selection, (bare) => `count_over_time(${bare}[5m])`),
        ),
        part('started', selector('process_start_time_seconds', podMatchers(selection))),
      ];
      if (latency && queries.latency !== undefined) parts.push(part('buckets', fill(queries.latency, selection)));
      return union(parts);
    },
    // Counters since the pods started: what one's own query gives cannot be wrapped in a range.
    lastHour: (selection) => (queries.latency === undefined ? undefined : part('buckets', aggregate('sum', ['le'], fill(queries.latency, selection)))),
    saturation: (selection) => (queries.saturation === undefined ? undefined : fill(queries.saturation, selection)),
    async check(selection) {
      const { checkQuery } = await import('./check-query.js');
      for (const [name, template] of Object.entries(queries))
        if (template !== undefined) checkQuery(name, template, fill(template, selection), { counters: name !== 'saturation' });
    },
  };
}
