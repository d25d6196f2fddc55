import type { AnalysisOptions } from '../plan/step.js';
import type { MetricsReading } from '../ports/metrics-provider.js';
import type { TrackName } from '../words/revision.js';
import { verdictError } from '../words/verdict.js';
import { decide, type GateDecision, type GateFacts } from './decide.js';
import { Early, type EarlyState } from './early.js';
import { ErrorJudge, type ErrorJudgeState } from './error-judge.js';
import { errorVerdicts } from './error-verdicts.js';
import { type Increment, Increments, type IncrementsState, type NoObservation } from './increments.js';
import { boundsOf, type LatencyBounds } from './latency-bounds.js';
import { LatencyJudge, type LatencyJudgeState } from './latency-judge.js';
import { latencyVerdicts } from './latency-verdicts.js';
import type { MetricVerdict } from './metric-verdict.js';
import { type PodFacts, PodWatch, type PodWatchState } from './pod-facts.js';
import { type Rules, rulesOf } from './rules.js';
import { sentenceOf } from './sentence.js';
import type { ArmCounts, Poll } from './split.js';
import { StageClock, type StageClockState } from './stage-clock.js';

/** What one analysis of one app works by. The same for all stages of a rollout, but for the stage itself. */
export interface AnalysisSetup {
  readonly options: AnalysisOptions;
  /** Names the stage: with a saved state of another one, the next begins. @default '' */
  readonly stage?: string | undefined;
  readonly stageSeconds: number;
  /** Not below the scrape interval. @default 15 */
  readonly pollSeconds?: number | undefined;
  /** How often the source takes samples. @default pollSeconds */
  readonly scrapeSeconds?: number | undefined;
  /** Fixed before the rollout (`chooseBounds`, `limitBounds`). @default no latency is judged */
  readonly latency?: LatencyBounds | undefined;
  /** ISO 8601; pods of the judged track that started since count from zero. */
  readonly bornSince: string;
  /** The track that runs the new version. @default 'candidate' */
  readonly judged?: TrackName | undefined;
  /** @default 0.15 */
  readonly noiseFloor?: number | undefined;
  /** A stage may end before its time once "not twice as bad" is proven; never the last. @default false */
  readonly early?: boolean | undefined;
}

/** What is known at one poll. */
export interface AnalysisInput {
  readonly reading: MetricsReading;
  /** Seconds since the last call, or since the stage's weight took effect: how long nothing was seen, should this be no observation. @default pollSeconds */
  readonly seconds?: number | undefined;
  /** Tracks with ready pods and traffic: these must have series. @default both, or the judged one alone against limits */
  readonly expected?: Readonly<Record<TrackName, boolean>> | undefined;
  /** ISO 8601, when the router took the present weight. */
  readonly weightSince?: string | undefined;
  /** @default as last time */
  readonly pods?: PodFacts | undefined;
}

export interface Observed {
  readonly decision: GateDecision;
  /** Each metric by itself, with its counts. */
  readonly verdicts: readonly MetricVerdict[];
  /** The decision and what it rests on, for people. */
  readonly sentence: string;
  /** What it rests on alone. */
  readonly grounds: string;
  /** Since the poll before; undefined where nothing was seen. */
  readonly poll: Poll | undefined;
  readonly facts: GateFacts;
}

/** All of an analysis as JSON; goes into the journal with the weight (AN 4.2). */
export interface AnalysisState {
  readonly version: 1;
  readonly stage: string;
  readonly bounds: readonly number[];
  readonly increments: IncrementsState;
  readonly errors: ErrorJudgeState;
  readonly latency: LatencyJudgeState;
  readonly early?: EarlyState | undefined;
  readonly clock: StageClockState;
  readonly pods: PodWatchState;
}

/** Judges one app over all stages of one rollout. Pure: the same readings give the same decisions, in this process or in the one that takes over. */
export class Analysis {
  /** In seconds, lowest first: `bounds` of the `MetricsRequest`. */
  readonly bounds: readonly number[];
  readonly #setup: AnalysisSetup;
  #rules: Rules;
  #stage: string;
  readonly #increments: Increments;
  readonly #errors: ErrorJudge;
  readonly #latency: LatencyJudge;
  readonly #early: Early | undefined;
  readonly #clock: StageClock;
  readonly #pods: PodWatch;

  constructor(setup: AnalysisSetup, saved?: AnalysisState) {
    const { latency = { compare: [] }, judged = 'candidate', early, stage = '' } = setup;
    this.#setup = setup;
    this.#rules = rulesOf(setup);
    this.bounds = boundsOf(latency);
    const sameBounds = saved !== undefined && saved.bounds.join() === this.bounds.join();
    const { pollSeconds, window } = this.#rules;
    const rule = { bounds: this.bounds, scrapeSeconds: setup.scrapeSeconds ?? pollSeconds, bornSince: Date.parse(setup.bornSince), judged };
    // Counters of other bounds are no baseline for these.
    this.#increments = new Increments(rule, saved?.increments);
    this.#errors = new ErrorJudge(this.#rules, saved?.errors);
    this.#latency = new LatencyJudge(this.#rules, latency, sameBounds ? saved.latency : undefined);
    this.#early = early === true ? new Early(saved?.early) : undefined;
    this.#clock = new StageClock(this.#rules, saved?.clock);
    this.#pods = new PodWatch(window, saved?.pods);
    this.#stage = saved?.stage ?? stage;
    if (this.#stage !== stage) this.nextStage(stage);
  }

  /** End of the last reading that counted, ISO 8601: `since` of the next `MetricsRequest`. */
  get since(): string | undefined {
    const { at } = this.#increments;
    return at === undefined ? undefined : new Date(at).toISOString();
  }

  observe(input: AnalysisInput): Observed {
    return this.judge(this.#incrementOf(input), input.seconds, input.pods);
  }

  /** `observe` without the words: for who watches thousands of apps. */
  decide(input: AnalysisInput): Pick<Observed, 'decision' | 'facts'> {
    return this.step(this.#incrementOf(input), input.seconds, input.pods);
  }

  #incrementOf({ reading, expected, weightSince }: AnalysisInput): Increment {
    const judged = this.#setup.judged ?? 'candidate';
    const both = this.#rules.errors !== undefined;
    const increment = this.#increments.read(reading, {
      expected: expected ?? { candidate: both || judged === 'candidate', stable: both || judged === 'stable' },
      weightSince: weightSince === undefined ? undefined : Date.parse(weightSince),
    });
    return increment.kind === 'poll' && judged === 'stable' ? { ...increment, poll: asCandidate(increment.poll) } : increment;
  }

  /** The same for polls that somebody else made of his readings: a recorded history, a simulation. */
  judge(increment: Increment, seconds?: number, pods?: PodFacts): Observed {
    const { decision, facts } = this.step(increment, seconds, pods);
    const verdicts = this.#verdicts(increment, facts);
    const { sentence, grounds } = sentenceOf(decision, verdicts, facts, this.#rules);
    return { decision, verdicts, sentence, grounds, poll: increment.kind === 'poll' ? increment.poll : undefined, facts };
  }

  /** `judge` without the words: for millions of polls. */
  step(increment: Increment, seconds: number = this.#rules.pollSeconds, pods?: PodFacts): Pick<Observed, 'decision' | 'facts'> {
    if (pods !== undefined) this.#pods.observe(pods);
    if (increment.kind === 'poll') this.#judgePoll(increment.poll, increment.between);
    else if (increment.kind === 'none') this.#clock.missed(seconds);
    const facts = this.#facts(increment);
    return { decision: decide(facts, this.#rules), facts };
  }

  #judgePoll(poll: Poll, between: boolean): void {
    const warm = !between && this.#clock.judgedSeconds >= this.#rules.warmUpSeconds;
    this.#errors.observe(poll);
    if (warm) this.#latency.observe(poll);
    if (this.#early !== undefined && poll.mixedWeights !== true) {
      const { candidate, stable } = poll.counts;
      this.#early.step({ c: candidate.requests, s: stable.requests, x: candidate.errors, y: stable.errors }, this.#errors.comparison?.factor ?? 1);
    }
    if (between) this.#clock.between();
    else if (warm && this.#rules.slowLimit !== undefined && poll.slow === undefined) this.#clock.missed(poll.seconds);
    else this.#clock.seen(poll.seconds, this.#held);
  }

  get #held(): boolean {
    const { overLimit, shared, regressed } = this.#errors;
    return !regressed && ((overLimit && shared) || (this.#latency.overLimit && this.#latency.shared));
  }

  #facts(increment: Increment): GateFacts {
    const [errors, latency, clock, pods] = [this.#errors, this.#latency, this.#clock, this.#pods];
    return {
      observed: increment.kind === 'poll',
      regressed: errors.regressed,
      overLimit: errors.overLimit,
      shared: errors.shared,
      slowRegressed: latency.regressed,
      slowOverLimit: latency.overLimit,
      slowShared: latency.shared,
      crashLooping: pods.crashLooping,
      restarts: pods.restarts,
      noDataRun: clock.noDataRun,
      noDataSeconds: clock.noDataSeconds,
      holdSeconds: clock.holdSeconds,
      clockSeconds: clock.clockSeconds,
      judgedSeconds: clock.judgedSeconds,
      suspicious: errors.suspicious || latency.suspicious,
      enough: errors.enough,
      unsettled: pods.unsettled,
      early: this.#early?.proven === true && errors.enough && !errors.suspicious && clock.clockSeconds >= earliestSeconds,
    };
  }

  #verdicts(increment: Increment, facts: GateFacts): readonly MetricVerdict[] {
    const dwelt = facts.clockSeconds >= this.#rules.stageSeconds;
    const errors = errorVerdicts(this.#errors, this.#rules, dwelt);
    const latency = latencyVerdicts(this.#latency, this.#rules, dwelt);
    const pods = this.#pods.verdict(facts.crashLooping || facts.restarts > 1);
    if (increment.kind === 'none') return [...unseen([...errors, ...latency], increment.reason, increment.detail), pods];
    if (increment.kind !== 'poll') return [...unseen([...errors, ...latency], 'no-data', 'nothing to compare with yet'), pods];
    return [...errors, ...(increment.poll.slow === undefined ? unseen(latency, 'no-data', 'no latency was read') : latency), pods];
  }

  /** Another weight: the proof goes on, the clock and the sums of the stage start anew. */
  nextStage(stage: string, stageSeconds?: number): void {
    this.#stage = stage;
    if (stageSeconds !== undefined) this.#rules = rulesOf({ ...this.#setup, stageSeconds });
    this.#errors.nextStage();
    this.#latency.nextStage();
    this.#clock.nextStage();
  }

  /** Requests and errors since the rollout began. */
  get counts(): ArmCounts {
    const { c, s, x, y } = this.#errors.tally.rollout;
    return { candidate: { requests: c, errors: x }, stable: { requests: s, errors: y } };
  }

  snapshot(): AnalysisState {
    return {
      version: 1,
      stage: this.#stage,
      bounds: this.bounds,
      increments: this.#increments.snapshot(),
      errors: this.#errors.snapshot(),
      latency: this.#latency.snapshot(),
      ...(this.#early === undefined ? {} : { early: this.#early.snapshot() }),
      clock: this.#clock.snapshot(),
      pods: this.#pods.snapshot(),
    };
  }
}

const earliestSeconds = 60;

/** What was proven before stays proven; all else is unknown. */
const unseen = (verdicts: readonly MetricVerdict[], reason: NoObservation, detail: string): readonly MetricVerdict[] =>
  verdicts.map((verdict) =>
    verdict.kind === 'fail' ? verdict : { metric: verdict.metric, ...verdictError(reason), evidence: { summary: `${reason}: ${detail}` } },
  );

/** Where the new version serves as stable (a rolling update, a soak), that track is the one judged. */
const asCandidate = (poll: Poll): Poll => ({
  ...poll,
  counts: { candidate: poll.counts.stable, stable: poll.counts.candidate },
  ...(poll.slow === undefined ? {} : { slow: poll.slow.map(({ candidate, stable }) => ({ candidate: stable, stable: candidate })) }),
});

/** A judge of one stage, new or as it was saved. @param saved what `snapshot` gave, also after a JSON round trip */
export const createAnalysis = (setup: AnalysisSetup, saved?: AnalysisState): Analysis => new Analysis(setup, saved);
