import { isIncident } from './incident.js';
import { boundsOf, type LatencyBounds } from './latency-bounds.js';
import { Limit, type LimitState } from './limit.js';
import { logSum } from './log-add.js';
import type { Rules } from './rules.js';
import { SlowJudge, type SlowJudgeState } from './slow-judge.js';
import { type ArmSlow, type Poll, slowOf } from './split.js';

export interface LatencyJudgeState {
  readonly bounds: readonly SlowJudgeState[];
  readonly test: LimitState | undefined;
  readonly certify: LimitState | undefined;
  readonly maxLogE: number;
  readonly maxLimitLogE: number;
  readonly incident: boolean;
}

/** Slow requests: against stable at each bound (C), and against a limit (AN 3, 5). */
export class LatencyJudge {
  readonly #rules: Rules;
  readonly #bounds: LatencyBounds;
  readonly #judges: readonly SlowJudge[];
  /** The bounds at which the tracks are compared. */
  readonly compared: readonly SlowJudge[];
  /** Where the limit is tested. */
  readonly tested: SlowJudge | undefined;
  readonly #test: Limit | undefined;
  readonly #certify: Limit | undefined;
  #maxLogE: number;
  #maxLimitLogE: number;
  #incident: boolean;

  constructor(rules: Rules, bounds: LatencyBounds, saved?: LatencyJudgeState) {
    this.#rules = rules;
    this.#bounds = bounds;
    this.#judges = boundsOf(bounds).map((bound, i) => new SlowJudge(bound, rules, saved?.bounds[i]));
    this.compared = rules.errors === undefined ? [] : this.#judges.filter(({ bound }) => bounds.compare.includes(bound));
    this.tested = this.#judges.find(({ bound }) => bound === bounds.limit?.test);
    const { slowLimit } = rules;
    if (slowLimit !== undefined && bounds.limit !== undefined) {
      this.#test = new Limit(slowLimit, saved?.test);
      if (bounds.limit.certify !== undefined) this.#certify = new Limit(slowLimit, saved?.certify);
    }
    this.#maxLogE = saved?.maxLogE ?? 0;
    this.#maxLimitLogE = saved?.maxLimitLogE ?? 0;
    this.#incident = saved?.incident ?? false;
  }

  /** A poll without `slow` is none. */
  observe({ counts, slow, mixedWeights = false }: Poll): void {
    if (slow === undefined) return;
    const splits = this.#judges.map((_, i) => slowOf(counts, slow[i] as ArmSlow));
    const each = (act: (judge: SlowJudge, i: number) => void): void => this.#judges.forEach(act);
    each((judge, i) => judge.weigh(splits[i] as (typeof splits)[number], mixedWeights));
    this.#stepLimit(this.#test, this.#bounds.limit?.test, splits);
    this.#stepLimit(this.#certify, this.#bounds.limit?.certify, splits);
    each((judge, i) => judge.learn(splits[i] as (typeof splits)[number], mixedWeights));
    this.#maxLogE = Math.max(this.#maxLogE, this.logE);
    this.#maxLimitLogE = Math.max(this.#maxLimitLogE, this.#test?.logE ?? 0);
    const { slowLimit } = this.#rules;
    const tally = this.tested?.tally;
    if (this.#test === undefined || slowLimit === undefined || tally === undefined) return;
    this.#incident = this.overLimit && isIncident(this.#incident, this.#test, tally, slowLimit.p0);
  }

  #stepLimit(limit: Limit | undefined, bound: number | undefined, splits: readonly ReturnType<typeof slowOf>[]): void {
    const i = this.#judges.findIndex((judge) => judge.bound === bound);
    const [judge, split] = [this.#judges[i], splits[i]];
    if (limit !== undefined && judge !== undefined && split !== undefined) limit.step(split, judge.comparison.phi);
  }

  /** Of the mean over the bounds: they may depend on each other as they like. */
  get logE(): number {
    const judges = this.compared;
    return judges.length === 0 ? 0 : logSum(judges.map(({ comparison }) => comparison.logE)) - Math.log(judges.length);
  }

  get regressed(): boolean {
    return this.logE >= Math.log(1 / this.#rules.slow.alpha) && this.compared.some(({ material }) => material);
  }

  get suspicious(): boolean {
    return this.logE >= this.#rules.suspicion;
  }

  get limit(): Limit | undefined {
    return this.#test;
  }

  /** At the largest bound at or below the limit; shown, not asked for. */
  get certified(): boolean {
    return this.#certify?.certified ?? false;
  }

  get overLimit(): boolean {
    return this.#test?.crossed === true && (this.tested?.tally.rollout.x ?? 0) >= this.#rules.minBad;
  }

  get shared(): boolean {
    return this.#incident;
  }

  get maxLogE(): number {
    return this.#maxLogE;
  }

  get maxLimitLogE(): number {
    return this.#maxLimitLogE;
  }

  nextStage(): void {
    for (const judge of this.#judges) judge.nextStage();
  }

  snapshot(): LatencyJudgeState {
    return {
      bounds: this.#judges.map((judge) => judge.snapshot()),
      test: this.#test?.snapshot(),
      certify: this.#certify?.snapshot(),
      maxLogE: this.#maxLogE,
      maxLimitLogE: this.#maxLimitLogE,
      incident: this.#incident,
    };
  }
}
