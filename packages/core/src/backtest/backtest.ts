import { Analysis, type AnalysisSetup, type Observed } from '../analysis/analysis.js';
import type { GateDecision } from '../analysis/decide.js';
import type { MetricVerdict } from '../analysis/metric-verdict.js';
import type { ArmCounts } from '../analysis/split.js';
import type { MetricsReading } from '../ports/metrics-provider.js';
import { type BacktestPoll, PollLog } from './poll-log.js';

/** The gate of one stage: what an `analyse` step of a rollout works by. */
export interface BacktestSetup extends Omit<AnalysisSetup, 'bornSince' | 'stage'> {
  /** ISO 8601; pods of the judged track that started since count from zero. @default the time of the first reading */
  readonly bornSince?: string | undefined;
  /** ISO 8601, when the judged track got its share of the traffic; what was counted before is of another weight. @default it never changed */
  readonly weightSince?: string | undefined;
  /** Readings before the first that counts the judged track: `skip` them, as in a history that begins before the release, or `count` them as polls without data. @default 'skip' */
  readonly before?: 'skip' | 'count' | undefined;
  /** Most polls in the answer, at least 2. @default 200 */
  readonly polls?: number | undefined;
}

/** What a gate would have decided of recorded readings, when, and from which counts. */
export interface Backtest {
  /** `undecided`: the readings ended before the gate was done. */
  readonly kind: 'promote' | 'rollback' | 'pause' | 'undecided';
  /** Of the last poll; undefined where no reading counts the judged track. */
  readonly decision: GateDecision | undefined;
  /** What was decided and the counts that it rests on, for people. */
  readonly sentence: string;
  /** ISO 8601: of the first poll and of the last. */
  readonly from: string | undefined;
  readonly at: string | undefined;
  /** Between the two. */
  readonly seconds: number;
  readonly verdicts: readonly MetricVerdict[];
  /** By track, from `from` to `at`. */
  readonly counts: ArmCounts;
  /** Polls that the gate took; how many of them saw nothing. */
  readonly taken: number;
  readonly missed: number;
  /** Readings before the first that counted the judged track. */
  readonly skipped: number;
  /** The first, the last, each change of the decision, and what there is room for between them. */
  readonly polls: readonly BacktestPoll[];
  /** Polls that are not in `polls`. */
  readonly leftOut: number;
}

const defaultPolls = 200;

/** Readings one by one, as they are found. Pure: knows no clock but that of the readings. */
export class Backtester {
  readonly #setup: BacktestSetup;
  readonly #pollMs: number;
  readonly #log: PollLog;
  #analysis: Analysis | undefined;
  #nowMs: number | undefined;
  #fromMs: number | undefined;
  #last: Observed | undefined;
  #taken = 0;
  #missed = 0;
  #run = 0;
  #skipped = 0;

  constructor(setup: BacktestSetup) {
    this.#setup = setup;
    this.#pollMs = 1_000 * (setup.pollSeconds ?? 15);
    this.#log = new PollLog(Math.max(2, setup.polls ?? defaultPolls) - 1);
  }

  /** Takes a reading, unless the gate is done. @returns whether it is */
  take(reading: MetricsReading): boolean {
    if (this.done) return true;
    const readMs = reading.kind === 'unavailable' ? Number.NaN : Date.parse(reading.at);
    if (!Number.isNaN(readMs)) this.#nowMs = readMs;
    else if (this.#nowMs !== undefined) this.#nowMs += this.#pollMs;
    if (this.#analysis === undefined && this.#setup.before !== 'count' && !this.#counts(reading)) {
      this.#skipped += 1;
      return false;
    }
    this.#observe(reading);
    return this.done;
  }

  /** The gate has decided: nothing that comes later counts. */
  get done(): boolean {
    return this.#kind !== 'undecided';
  }

  result(): Backtest {
    const [from, at] = [iso(this.#fromMs), this.#taken === 0 ? undefined : iso(this.#nowMs)];
    return {
      kind: this.#kind,
      decision: this.#last?.decision,
      sentence: this.#last?.sentence ?? 'no reading counts the requests of the new version',
      from,
      at,
      seconds: from === undefined || at === undefined ? 0 : (Date.parse(at) - Date.parse(from)) / 1_000,
      verdicts: this.#last?.verdicts ?? [],
      counts: this.#countsSoFar,
      taken: this.#taken,
      missed: this.#missed,
      skipped: this.#skipped,
      polls: this.#log.polls,
      leftOut: this.#log.leftOut,
    };
  }

  get #kind(): Backtest['kind'] {
    const kind = this.#last?.decision.kind;
    return kind === undefined || kind === 'watch' || kind === 'hold' ? 'undecided' : kind;
  }

  #counts(reading: MetricsReading): boolean {
    const { judged = 'candidate' } = this.#setup;
    if (reading.kind === 'unavailable') return false;
    return reading.kind === 'counters' ? reading.targets.some(({ track }) => track === judged) : reading.tracks[judged] !== undefined;
  }

  #observe(reading: MetricsReading): void {
    const { bornSince = iso(this.#nowMs) ?? new Date(0).toISOString(), weightSince } = this.#setup;
    this.#analysis ??= new Analysis({ ...this.#setup, bornSince });
    this.#fromMs ??= this.#nowMs;
    const seen = this.#analysis.observe({ reading, ...(weightSince === undefined ? {} : { weightSince }) });
    this.#last = seen;
    this.#taken += 1;
    // What a poll missed lengthens the run; one that only gives something to subtract from does not.
    const unseen = seen.facts.noDataRun > this.#run ? seen.verdicts.find(({ kind }) => kind === 'error') : undefined;
    if (seen.facts.noDataRun > this.#run) this.#missed += 1;
    this.#run = seen.facts.noDataRun;
    const missing = unseen?.kind === 'error' ? unseen.reason : undefined;
    this.#log.add({
      at: iso(this.#nowMs),
      decision: seen.decision,
      counts: this.#countsSoFar,
      sentence: seen.sentence,
      ...(missing === undefined ? {} : { missing }),
    });
  }

  /** By track: where the new version serves as stable, the judges call it the candidate. */
  get #countsSoFar(): ArmCounts {
    const counts = this.#analysis?.counts ?? { candidate: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } };
    return this.#setup.judged === 'stable' ? { candidate: counts.stable, stable: counts.candidate } : counts;
  }
}

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/**
 * What the gate of one stage would have decided of these readings, when, and from which counts. The same judge as in a rollout, fed with the same readings; what a
 * rollout also looks at (health checks, restarts) is not in them.
 */
export function backtest(readings: Iterable<MetricsReading>, setup: BacktestSetup): Backtest {
  const run = new Backtester(setup);
  for (const reading of readings) if (run.take(reading)) break;
  return run.result();
}
