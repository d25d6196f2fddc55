import type { TrackName } from '../words/revision.js';
import { type Baseline, revive, type SavedBaseline, save } from './baseline.js';

/** Targets that vanished are remembered, so that a gap neither loses nor doubles their counts; this many. */
const vanishedKept = 64;

/** Baselines by track and target: a proxy that serves both tracks is one target on each. */
export class Baselines {
  readonly #of: Readonly<Record<TrackName, Map<string, Baseline>>> = { candidate: new Map(), stable: new Map() };

  constructor(saved: readonly SavedBaseline[] = []) {
    for (const each of saved) this.add(revive(each));
  }

  get({ track, target }: Pick<Baseline, 'track' | 'target'>): Baseline | undefined {
    return this.#of[track].get(target);
  }

  add(baseline: Baseline): void {
    this.#of[baseline.track].set(baseline.target, baseline);
  }

  /** Takes over what `before` has and this has not; says until when what did not fit was sampled. */
  takeVanished(before: Baselines): number | undefined {
    const vanished: Baseline[] = [];
    for (const track of ['candidate', 'stable'] as const) {
      const now = this.#of[track];
      before.#of[track].forEach((each, target) => {
        if (!now.has(target)) vanished.push(each);
      });
    }
    if (vanished.length > vanishedKept) vanished.sort((a, b) => b.sampledAt - a.sampledAt);
    for (const each of vanished.slice(0, vanishedKept)) this.add(each);
    return vanished[vanishedKept]?.sampledAt;
  }

  *all(): Iterable<Baseline> {
    yield* this.#of.candidate.values();
    yield* this.#of.stable.values();
  }

  save(): readonly SavedBaseline[] {
    return [...this.all()].map(save);
  }
}
