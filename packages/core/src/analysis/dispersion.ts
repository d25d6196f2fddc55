import type { Split } from './split.js';
import { ratioOf, type Sums } from './sums.js';

/** Requests are not independent (bad pod, retry storm, sticky client): how much less each one tells (AN 4.5). */
export interface DispersionRule {
  /** Noise between the tracks that is there on good days, as a share. */
  readonly noiseFloor: number;
  /** Polls that share a disturbance. */
  readonly window: number;
  /** Bad ones are not rare (latency): variance gets the factor (1 − e/N). */
  readonly common: boolean;
}

export interface DispersionState {
  readonly phi: number;
  readonly tau2: number;
  readonly window: readonly number[];
  /** c, s, x, y of each poll that can tell something. */
  readonly history: readonly (readonly [number, number, number, number])[];
}

/** Older polls are left out beyond this many, so that the state stays small however long a rollout takes; an hour at 15 s. */
const mostPolls = 240;
const leastTau2 = 2 * 0.03 ** 2;
const priorTau2 = 6;
const priorPhi = 4;

const shareLeft = (common: boolean, bad: number, all: number): number => (common ? 1 - bad / all : 1);

export class Dispersion {
  readonly #rule: DispersionRule;
  readonly #start: number;
  #phi: number;
  #tau2: number;
  readonly #window: number[];
  readonly #history: (readonly [number, number, number, number])[];
  /** r² and v of the polls that count; kept from poll to poll only to save the garbage. */
  readonly #kept: number[] = [];

  constructor(rule: DispersionRule, saved?: DispersionState) {
    this.#rule = rule;
    this.#start = 2 * rule.noiseFloor ** 2;
    this.#phi = saved?.phi ?? 1;
    this.#tau2 = saved?.tau2 ?? this.#start;
    this.#window = [...(saved?.window ?? [])];
    this.#history = [...(saved?.history ?? [])];
  }

  get phi(): number {
    return this.#phi;
  }

  get tau2(): number {
    return this.#tau2;
  }

  /** F ≥ 1 for a poll, from what was known before it was split: that keeps the test valid (Jensen). Call once a poll, before `learn`. */
  factor({ c, s, x, y }: Split): number {
    const all = c + s;
    if (all > 0) {
      const rho = c / all;
      this.#window.push((x + y) * rho * (1 - rho) * shareLeft(this.#rule.common, x + y, all));
      if (this.#window.length > this.#rule.window) this.#window.shift();
    }
    let sum = 0;
    for (const term of this.#window) sum += term;
    return this.#phi * (1 + this.#tau2 * sum);
  }

  /** Takes the poll into phi and tau2; `sums` hold it already. */
  learn({ c, s, x, y }: Split, sums: Sums): void {
    if (c + s <= 0) return;
    // With fewer than two bad ones the variance stays below the half that counts, whatever the split.
    if (x + y >= 2 && c > 0 && s > 0) this.#history.push([c, s, x, y]);
    if (this.#history.length > mostPolls) this.#history.shift();
    const psi = Math.min(200, Math.max(0.05, ratioOf({ a: sums.a + 0.5, b: sums.b + 0.5 })));
    let [top, weight, kept] = [priorTau2 * this.#start, priorTau2, 0];
    const { common } = this.#rule;
    const start = this.#start;
    for (let i = 0; i < this.#history.length; i += 1) {
      const poll = this.#history[i] as DispersionState['history'][number];
      const all = poll[0] + poll[1];
      const bad = poll[2] + poll[3];
      const odds = poll[0] * psi;
      const q = odds / (poll[1] + odds);
      const v = bad * q * (1 - q) * shareLeft(common, bad, all);
      if (v < 0.5) continue;
      const r = poll[2] - bad * q;
      const r2 = r * r;
      const root = (start * v) / (start * v + 1);
      const k = root * root;
      top += k * (r2 / (v * v) - 1 / v);
      weight += k;
      this.#kept[2 * kept] = r2;
      this.#kept[2 * kept + 1] = v;
      kept += 1;
    }
    this.#tau2 = Math.max(leastTau2, top / weight);
    let spread = priorPhi;
    for (let i = 0; i < kept; i += 1) {
      const v = this.#kept[2 * i + 1] as number;
      spread += (this.#kept[2 * i] as number) / (v + v * v * this.#tau2);
    }
    this.#phi = Math.max(1, spread / (priorPhi + Math.max(0, kept - 1)));
  }

  snapshot(): DispersionState {
    return { phi: this.#phi, tau2: this.#tau2, window: [...this.#window], history: [...this.#history] };
  }
}
