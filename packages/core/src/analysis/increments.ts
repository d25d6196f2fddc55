import type { Counts, MetricsReading } from '../ports/metrics-provider.js';
import type { TrackName } from '../words/revision.js';
import { type Baseline, changeOf, type SavedBaseline } from './baseline.js';
import { Baselines } from './baselines.js';
import { badCounts } from './check-counts.js';
import { Instants } from './instants.js';
import type { Poll } from './split.js';

export interface IncrementsState {
  /** Of the last reading that counted, ms. */
  readonly at: number | undefined;
  readonly targets: readonly SavedBaseline[];
  /** Latest sample of a target that was let go: nothing as old as that may start from zero again. */
  readonly forgotten: number | undefined;
}

/** Why a reading says nothing. */
export type NoObservation = 'no-data' | 'stale' | 'invalid' | 'partial' | 'unreachable';

/** What a reading adds to those before it. */
export type Increment =
  /** `from`, `to`: the samples' own times, ms. `between`: they span a change of weight. */
  | { readonly kind: 'poll'; readonly poll: Poll; readonly between: boolean }
  /** The first reading: something to subtract from. */
  | { readonly kind: 'baseline' }
  /** The same moment was read before, by a process that died. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'none'; readonly reason: NoObservation; readonly detail: string };

export interface ReadAt {
  /** Tracks that have ready pods and traffic; the others may well have no series. */
  readonly expected: Readonly<Record<TrackName, boolean>>;
  /** When the present weight took effect, ms; undefined: it did not change in this rollout. */
  readonly weightSince: number | undefined;
}

export interface IncrementsRule {
  readonly bounds: readonly number[];
  readonly scrapeSeconds: number;
  /** Pods of `judged` that started since then count from zero, ms. */
  readonly bornSince: number;
  readonly judged: TrackName;
}

/** Clocks of one machine room. */
const aheadMs = 1_000;

const none = (reason: NoObservation, detail: string): Increment => ({ kind: 'none', reason, detail });

interface Added {
  requests: number;
  errors: number;
  slow: number[];
}

/** Readings as what happened between them (AN 1.1, 1.2): never negative, nothing twice, and no zero where nothing was seen. */
export class Increments {
  readonly #rule: IncrementsRule;
  #at: number | undefined;
  #targets: Baselines;
  #forgotten: number | undefined;
  /** Of starts and of samples: each lie near each other. */
  readonly #instants = { started: new Instants(), sampled: new Instants() };

  constructor(rule: IncrementsRule, saved?: IncrementsState) {
    this.#rule = rule;
    this.#at = saved?.at;
    this.#targets = new Baselines(saved?.targets);
    this.#forgotten = saved?.forgotten;
  }

  read(reading: MetricsReading, now: ReadAt): Increment {
    if (reading.kind === 'unavailable') return none(reading.reason, reading.detail);
    const at = Date.parse(reading.at);
    if (Number.isNaN(at)) return none('invalid', `the reading's time is no time: ${reading.at}`);
    if (this.#at !== undefined && at <= this.#at) return { kind: 'repeated' };
    return reading.kind === 'counters' ? this.#counters(reading.targets, at, now) : this.#increments(reading, at, now);
  }

  /** End of the last reading that counted, ms: `since` of the next request. */
  get at(): number | undefined {
    return this.#at;
  }

  snapshot(): IncrementsState {
    return { at: this.#at, targets: this.#targets.save(), forgotten: this.#forgotten };
  }

  #increments(reading: Extract<MetricsReading, { kind: 'increments' }>, at: number, now: ReadAt): Increment {
    const since = Date.parse(reading.since);
    if (Number.isNaN(since) || since >= at) return none('invalid', `from ${reading.since} to ${reading.at} is no interval`);
    if (this.#at !== undefined && since < this.#at) return none('invalid', `from ${reading.since} on was counted before`);
    const { bounds } = this.#rule;
    for (const track of ['candidate', 'stable'] as const) {
      const counts = reading.tracks[track];
      if (counts === undefined && now.expected[track]) return none('no-data', `no requests of ${track} were reported`);
      const bad = counts === undefined ? undefined : badCounts(counts, bounds.length);
      if (bad !== undefined) return none('invalid', `${track}: ${bad}`);
    }
    this.#at = at;
    const nothing: Added = { requests: 0, errors: 0, slow: bounds.map(() => 0) };
    const { candidate = nothing, stable = nothing } = reading.tracks;
    return this.#poll({ candidate, stable }, since, { from: since, to: at }, now);
  }

  #counters(targets: Extract<MetricsReading, { kind: 'counters' }>['targets'], at: number, now: ReadAt): Increment {
    const next: Baseline[] = [];
    const baselines = new Baselines();
    for (const each of targets) {
      const { track, target, requests, errors, slow } = each;
      const sampledAt = this.#instants.sampled.parse(each.sampledAt);
      const startedAt = each.startedAt === undefined ? undefined : this.#instants.started.parse(each.startedAt);
      const bad = badCounts(each, this.#rule.bounds.length);
      if (bad !== undefined) return none('invalid', `${target}: ${bad}`);
      if (Number.isNaN(sampledAt) || Number.isNaN(startedAt)) return none('invalid', `${target}: its time is no time`);
      if (sampledAt > at + aheadMs) return none('invalid', `${target}: sampled at ${each.sampledAt}, after the reading`);
      if (baselines.get(each) !== undefined) return none('invalid', `${target} of ${track} was reported twice, by two replicas of the source?`);
      const baseline = { track, target, startedAt, sampledAt, requests, errors, slow };
      next.push(baseline);
      baselines.add(baseline);
    }
    return this.#missing(next, at, now) ?? this.#subtract(next, baselines, at, now);
  }

  #missing(targets: readonly Baseline[], at: number, { expected }: ReadAt): Increment | undefined {
    const oldest = at - 2_000 * this.#rule.scrapeSeconds;
    const newest = { candidate: Number.NEGATIVE_INFINITY, stable: Number.NEGATIVE_INFINITY };
    for (const { track, sampledAt } of targets) if (sampledAt > newest[track]) newest[track] = sampledAt;
    for (const track of ['candidate', 'stable'] as const) {
      if (!expected[track]) continue;
      if (newest[track] === Number.NEGATIVE_INFINITY) return none('no-data', `no series counts the requests of ${track}`);
      if (newest[track] < oldest) return none('stale', `the newest sample of ${track} is ${Math.round((at - newest[track]) / 1_000)} s old`);
    }
    return undefined;
  }

  #subtract(next: readonly Baseline[], baselines: Baselines, at: number, now: ReadAt): Increment {
    const added: Record<TrackName, Added> = { candidate: this.#nothing(next), stable: this.#nothing(next) };
    let [from, to, counted] = [Number.POSITIVE_INFINITY, 0, false];
    for (const target of next) {
      const last = this.#targets.get(target);
      const change = last === undefined ? (this.#isNew(target) ? 'from-zero' : 'unknown') : changeOf(last, target);
      if (change === 'back') return none('invalid', `${target.target}: its counters fell from ${last?.requests} to ${target.requests} and did not start anew`);
      to = Math.max(to, target.sampledAt);
      if (change === 'unknown') continue;
      counted = true;
      from = Math.min(from, last?.sampledAt ?? target.startedAt ?? at);
      const bad = add(added[target.track], target, change === 'on' ? last : undefined);
      if (bad !== undefined) return none('invalid', `${target.target}: ${bad}`);
    }
    const first = this.#at === undefined;
    const since = this.#at;
    this.#keep(baselines, at);
    if (first && !counted) return { kind: 'baseline' };
    // What a candidate did before the first reading has no counterpart of stable's.
    return this.#poll(added, since ?? at, { from: first ? 0 : Math.min(from, to), to }, now, first);
  }

  #nothing(next: readonly Baseline[]): Added {
    const { length } = this.#rule.bounds;
    const read = next.every(({ slow }) => slow.length === length);
    return { requests: 0, errors: 0, slow: read ? Array.from({ length }, () => 0) : [] };
  }

  /** A target that no reading had: from zero only if it cannot have been counted before. */
  #isNew({ track, startedAt }: Baseline): boolean {
    if (startedAt === undefined || startedAt <= (this.#forgotten ?? Number.NEGATIVE_INFINITY)) return false;
    return (track === this.#rule.judged && startedAt >= this.#rule.bornSince) || (this.#at !== undefined && startedAt > this.#at);
  }

  #keep(next: Baselines, at: number): void {
    const until = next.takeVanished(this.#targets);
    if (until !== undefined) this.#forgotten = Math.max(this.#forgotten ?? until, until);
    this.#targets = next;
    this.#at = at;
  }

  #poll(
    added: Readonly<Record<TrackName, Counts>>,
    since: number,
    span: { readonly from: number; readonly to: number },
    now: ReadAt,
    first = false,
  ): Increment {
    const { candidate, stable } = added;
    const at = this.#at ?? since;
    const changed = now.weightSince;
    const between = first || (changed !== undefined && span.from < changed);
    const read = candidate.slow.length === this.#rule.bounds.length && stable.slow.length === this.#rule.bounds.length;
    const poll: Poll = {
      at: new Date(at).toISOString(),
      seconds: Math.max(0, at - since) / 1_000,
      counts: {
        candidate: { requests: candidate.requests, errors: candidate.errors },
        stable: { requests: stable.requests, errors: stable.errors },
      },
      ...(read ? { slow: this.#rule.bounds.map((_, i) => ({ candidate: candidate.slow[i] as number, stable: stable.slow[i] as number })) } : {}),
      // All of it at the old weight is one weight, though not this stage's.
      ...(first || (between && span.to > (changed ?? 0)) ? { mixedWeights: true } : {}),
    };
    return { kind: 'poll', poll, between };
  }
}

/** Adds what one target counted since `last`; says why that cannot be. */
function add(sum: Added, now: Baseline, last: Baseline | undefined): string | undefined {
  const comparable = last === undefined || last.slow.length === now.slow.length;
  const rise = {
    requests: now.requests - (last?.requests ?? 0),
    errors: now.errors - (last?.errors ?? 0),
    slow: comparable ? now.slow.map((count, i) => count - (last?.slow[i] ?? 0)) : [],
  };
  const bad = badCounts(rise, rise.slow.length);
  if (bad !== undefined) return bad;
  sum.requests += rise.requests;
  sum.errors += rise.errors;
  if (sum.slow.length !== rise.slow.length) sum.slow = [];
  for (let i = 0; i < sum.slow.length; i += 1) sum.slow[i] = (sum.slow[i] as number) + (rise.slow[i] as number);
  return undefined;
}
