import { figure, percent } from './figures.js';
import type { Poll } from './split.js';

/** So long the share must be off (AN 1.3). */
const leastSeconds = 120;
const tolerance = 1 / 3;
/** What chance does not do to independent requests. */
const deviations = 4;

interface Seen {
  readonly seconds: number;
  readonly candidate: number;
  readonly all: number;
}

/** Whether the candidate gets the share of the requests that its weight says. A warning alone: the judges go by the share that was seen. */
export class ShareWatch {
  #weight = 0;
  #seen: readonly Seen[] = [];

  /** `weight`: percent of the requests that the router says the candidate gets. Polls that span a change of it are left out. */
  observe({ counts: { candidate, stable }, seconds }: Poll, weight: number): void {
    if (weight !== this.#weight) this.#seen = [];
    this.#weight = weight;
    this.#seen = [...this.#seen, { seconds, candidate: candidate.requests, all: candidate.requests + stable.requests }];
    while (this.#seconds - (this.#seen[0]?.seconds ?? 0) >= leastSeconds) this.#seen = this.#seen.slice(1);
  }

  get #seconds(): number {
    return this.#seen.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  /** For people; undefined while the share is right, or nobody can tell. */
  get warning(): string | undefined {
    const share = this.#weight / 100;
    const all = this.#seen.reduce((sum, each) => sum + each.all, 0);
    const candidate = this.#seen.reduce((sum, each) => sum + each.candidate, 0);
    const expected = all * share;
    const off = Math.abs(candidate - expected);
    if (share <= 0 || share >= 1 || this.#seconds < leastSeconds || off <= tolerance * expected) return undefined;
    if (off <= deviations * Math.sqrt(all * share * (1 - share))) return undefined;
    return `the candidate got ${figure(candidate)} of ${figure(all)} requests lately (${percent(candidate / all)}), where its weight is ${percent(share)}: a routing fault, connections that are kept, or pods that crash`;
  }
}
