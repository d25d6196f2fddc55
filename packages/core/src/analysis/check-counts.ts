import type { Counts } from '../ports/metrics-provider.js';

/** Sums of many small numbers are not exact. */
const tolerance = 1e-6;

const isCount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;

/** Why these cannot be counts of requests; undefined if they can (AN 1.2). `bounds`: how many there are; no slow counts at all means latency was not read. */
export function badCounts({ requests, errors, slow }: Counts, bounds: number): string | undefined {
  const wrong = isCount(requests) ? (isCount(errors) ? slow.find((count) => !isCount(count)) : errors) : requests;
  if (wrong !== undefined) return `${wrong} is no count`;
  if (errors > requests + tolerance) return `${errors} errors of ${requests} requests`;
  if (slow.length !== bounds && slow.length > 0) return `${slow.length} slow counts for ${bounds} bounds`;
  let most = requests;
  for (const count of slow) {
    if (count > most + tolerance) return `slow counts rise with the bound: ${[requests, ...slow].join(', ')}`;
    most = count;
  }
  return undefined;
}
