import { Analysis, type Observed } from '../analysis/analysis.js';
import { boundsOf } from '../analysis/latency-bounds.js';
import { LatencySpread } from '../analysis/latency-spread.js';
import type { PodFacts } from '../analysis/pod-facts.js';
import { readHints, readMetrics } from '../analysis/read-metrics.js';
import { ShareWatch } from '../analysis/share-watch.js';
import { selectorOf } from '../analysis/track-selector.js';
import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { MetricsHints, MetricsProvider, MetricsRequest } from '../ports/metrics-provider.js';
import { toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import type { Evidence } from '../words/verdict.js';
import type { StepRun } from './step-run.js';

/** AN 1.1; a provider whose samples come more rarely or more often says so. */
const defaultPoll = '15s';
/** The judge's state is stored this often, and at the stage's end; what lies between is read again, since counters add up. */
const saveMs = 60_000;
const leastReadMs = 10_000;

/** A process that took over without a provider sees nothing, which is no reason to go on (DESIGN law 4). */
const nothing: MetricsProvider = {
  specificationVersion: 'v1',
  name: 'none',
  lag: '0s',
  read: async () => ({ kind: 'unavailable', reason: 'no-data', detail: 'the process that drives has no metrics provider' }),
};

/** Reads the metrics of one `analyse` step as they come and carries what they prove from step to step, and from process to process (AN 4). */
export class MetricsWatch {
  readonly #run: StepRun;
  readonly #metrics: MetricsProvider;
  readonly #judged: TrackName;
  readonly #analysis: Analysis;
  readonly #share = new ShareWatch();
  readonly #spread: LatencySpread;
  readonly #latency: NonNullable<ReturnType<StepRun['record']>['analysis']>['latency'];
  readonly #pollMs: number;
  #nextMs: number;
  #lastMs: number;
  #savedMs: number;
  #last: Observed | undefined;
  #hints: MetricsHints = {};

  constructor(step: Extract<Step, { kind: 'analyse' }>, run: StepRun, judged: TrackName) {
    const { metrics = nothing } = run;
    const { analysis, startedAt } = run.record();
    this.#run = run;
    this.#metrics = metrics;
    this.#judged = judged;
    this.#spread = new LatencySpread(judged);
    this.#latency = analysis?.latency ?? { compare: [] };
    this.#pollMs = toMs(metrics.interval ?? defaultPoll);
    this.#nextMs = this.#lastMs = this.#savedMs = run.clock.monotonicMs();
    this.#analysis = new Analysis(
      {
        options: step.options,
        stage: String(run.index),
        stageSeconds: toMs(step.for) / 1_000,
        pollSeconds: this.#pollMs / 1_000,
        latency: this.#latency,
        bornSince: startedAt,
        judged,
      },
      analysis?.state,
    );
  }

  /** In seconds, lowest first: what `slow` of a poll counts against. */
  get bounds(): readonly number[] {
    return this.#analysis.bounds;
  }

  /** Until the next reading, in ms. */
  get dueMs(): number {
    return Math.max(0, this.#nextMs - this.#run.clock.monotonicMs());
  }

  /** What all readings so far say; a new one is taken when it is due. */
  async look(target: Target): Promise<Observed> {
    if (this.#last !== undefined && this.dueMs > 0) return this.#last;
    const started = this.#run.clock.monotonicMs();
    const request = this.#request(target);
    const limitMs = Math.max(this.#pollMs, leastReadMs);
    const context = this.#run.read();
    const [reading, hints] = await Promise.all([readMetrics(this.#metrics, request, context, limitMs), readHints(this.#metrics, request, context, limitMs)]);
    this.#hints = hints;
    const { weight } = target;
    const { weightAt } = this.#run.record();
    const serves = (track: TrackName): boolean => (target[track]?.ready ?? 0) > 0 && (track === 'candidate' ? weight > 0 : weight < 100);
    this.#last = this.#analysis.observe({
      reading,
      seconds: (started - this.#lastMs) / 1_000,
      expected: { candidate: serves('candidate'), stable: serves('stable') },
      ...(weightAt === undefined ? {} : { weightSince: weightAt }),
      pods: this.#podFacts(target),
    });
    this.#spread.observe(reading);
    const { poll } = this.#last;
    if (poll !== undefined && poll.mixedWeights !== true && serves('candidate') && serves('stable')) this.#share.observe(poll, weight);
    this.#lastMs = started;
    this.#nextMs = started + this.#pollMs;
    if (started - this.#savedMs >= saveMs) await this.save();
    return this.#last;
  }

  /** What happens beside the counts and is worth a word while it lasts. */
  get warnings(): readonly string[] {
    const { warning } = this.#share;
    return [...(warning === undefined ? [] : [warning]), ...(this.#hints.notes ?? [])];
  }

  /** What was seen, in full, for whoever asks later why it was decided like this. */
  evidenceOf({ decision, verdicts, sentence }: Observed): Evidence {
    const { quantiles, note } = this.#spread;
    const notes = [...(note === undefined ? [] : [note]), ...this.warnings];
    const data = { decision, verdicts, ...(quantiles === undefined ? {} : { latencies: quantiles }) };
    return { summary: sentence, ...(notes.length === 0 ? {} : { notes }), data };
  }

  #podFacts(target: Target): PodFacts {
    const track = target[this.#judged];
    const { saturation = {} } = this.#hints;
    const other: TrackName = this.#judged === 'candidate' ? 'stable' : 'candidate';
    const [candidate, stable] = [saturation[this.#judged], saturation[other]];
    const facts = { crashLooping: track?.crashLooping === true, restarts: track?.restarts ?? 0 };
    return candidate === undefined || stable === undefined ? facts : { ...facts, saturation: { candidate, stable } };
  }

  /** Stores what was proven, for the next stage and for a process that takes over. */
  async save(): Promise<void> {
    this.#savedMs = this.#run.clock.monotonicMs();
    await this.#run.commit({ analysis: { latency: this.#latency, state: this.#analysis.snapshot() } });
  }

  /** A person looks now: whoever goes on after that gives the stage its time anew. */
  async handOver(): Promise<void> {
    this.#analysis.nextStage(String(this.#run.index));
    await this.save();
  }

  #request({ stable, candidate }: Target): MetricsRequest {
    const at = this.#run.clock.now().getTime() - toMs(this.#metrics.lag);
    return {
      at: new Date(at).toISOString(),
      since: this.#analysis.since ?? this.#run.record().startedAt,
      bounds: boundsOf(this.#latency),
      tracks: { stable: selectorOf(stable), candidate: selectorOf(candidate) },
    };
  }
}
