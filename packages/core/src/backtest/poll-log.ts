import type { GateDecision } from '../analysis/decide.js';
import type { ArmCounts } from '../analysis/split.js';

/** One reading, and what the gate made of it. */
export interface BacktestPoll {
  /** ISO 8601. Of the reading; where it says none, one poll after the one before. Undefined before the first that says it. */
  readonly at: string | undefined;
  readonly decision: GateDecision;
  /** Of the rollout so far, by track. */
  readonly counts: ArmCounts;
  readonly sentence: string;
  /** Why nothing was seen: `no-data`, `stale`, `invalid`, `partial`, `unreachable`. */
  readonly missing?: string | undefined;
}

const isNews = (poll: BacktestPoll, before: BacktestPoll | undefined): boolean =>
  before === undefined || poll.decision.kind !== before.decision.kind || poll.decision.reason !== before.decision.reason;

/** Polls in bounded memory: where there are too many, those go first that changed no decision, evenly over time; the first and the last stay. */
export class PollLog {
  #kept: { readonly poll: BacktestPoll; readonly news: boolean }[] = [];
  #count = 0;
  #every = 1;
  #last: BacktestPoll | undefined;

  constructor(private readonly most: number) {}

  add(poll: BacktestPoll): void {
    const news = isNews(poll, this.#last);
    this.#last = poll;
    this.#count += 1;
    if (news || (this.#count - 1) % this.#every === 0) this.#kept.push({ poll, news });
    while (this.#kept.length > this.most) this.#thin();
  }

  get polls(): readonly BacktestPoll[] {
    const polls = this.#kept.map(({ poll }) => poll);
    return this.#last === undefined || polls.at(-1) === this.#last ? polls : [...polls, this.#last];
  }

  get leftOut(): number {
    return this.#count - this.polls.length;
  }

  #thin(): void {
    this.#every *= 2;
    const dull = this.#kept.filter(({ news }) => !news).length;
    let seen = 0;
    // Decisions that flap are thinned like the rest, once there is nothing else.
    this.#kept = this.#kept.filter(({ news }, index) => index === 0 || (news && dull > 0) || ++seen % 2 === 0);
  }
}
