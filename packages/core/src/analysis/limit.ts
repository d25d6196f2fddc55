import { clipOf, Mixture, type MixtureState } from './mixture.js';
import type { Split } from './split.js';

/** A share of bad requests that must not be passed (AN 4.1, 4.4). */
export interface LimitRule {
  readonly p0: number;
  readonly alpha: number;
  /** Level of the certificate "below p0". */
  readonly certificateLevel: number;
  readonly hazard: number;
}

export interface LimitState {
  readonly candidate: MixtureState;
  readonly stable: MixtureState;
  readonly certificate: MixtureState;
}

const above = [1.5, 2, 3, 5, 10, 18];
const below = [0.01, 0.1, 0.2, 0.4, 0.6];
const belowWeights = [0.4, 0.15, 0.15, 0.15, 0.15];
/** No share that a test bets on lies above it; so no limit may either. */
const mostShare = 0.98;

interface Odds {
  /** ln(q/p0) */
  readonly bad: readonly number[];
  /** ln((1−q)/(1−p0)) */
  readonly good: readonly number[];
}

const oddsOf = (p0: number, shares: readonly number[]): Odds => ({
  bad: shares.map((q) => Math.log(q / p0)),
  good: shares.map((q) => Math.log1p(-q) - Math.log1p(-p0)),
});

/** The candidate alone against a limit (B), stable likewise (E_S: a shared incident), and the proof that the candidate is below it (certificate). */
export class Limit {
  readonly #above: Odds;
  readonly #below: Odds;
  readonly #candidate: Mixture;
  readonly #stable: Mixture;
  readonly #certificate: Mixture;
  readonly #gains: number[] = [];
  readonly #threshold: number;
  readonly #certifiedAt: number;

  constructor(rule: LimitRule, saved?: LimitState) {
    const { p0, alpha, hazard } = rule;
    this.#threshold = Math.log(1 / alpha);
    this.#certifiedAt = Math.log(1 / rule.certificateLevel);
    this.#above = oddsOf(
      p0,
      above.map((times) => Math.min(mostShare, p0 * times)),
    );
    this.#below = oddsOf(
      p0,
      below.map((times) => p0 * times),
    );
    const worse = { weights: above.map(() => 1 / above.length), prior: 0.5, hazard, clip: clipOf(alpha) };
    this.#candidate = new Mixture(worse, saved?.candidate);
    this.#stable = new Mixture(worse, saved?.stable);
    this.#certificate = new Mixture({ weights: belowWeights, prior: 1, hazard: 0, clip: Number.POSITIVE_INFINITY }, saved?.certificate);
  }

  /** `phi`: the noise known before this poll. */
  step({ c, s, x, y }: Split, phi: number): void {
    if (!(c + s > 0)) return;
    this.#candidate.step(this.#gainsOf(this.#above, c, x, phi));
    this.#stable.step(this.#gainsOf(this.#above, s, y, phi));
    this.#certificate.step(this.#gainsOf(this.#below, c, x, phi));
  }

  /** b(q) of (2) for each share, over phi. */
  #gainsOf({ bad, good }: Odds, n: number, x: number, phi: number): readonly number[] {
    for (let j = 0; j < bad.length; j += 1) this.#gains[j] = (x * (bad[j] as number) + (n - x) * (good[j] as number)) / phi;
    return this.#gains;
  }

  get logE(): number {
    return this.#candidate.logE;
  }

  get logStable(): number {
    return this.#stable.logE;
  }

  get logCertificate(): number {
    return this.#certificate.logE;
  }

  get crossed(): boolean {
    return this.logE >= this.#threshold;
  }

  /** Half of the evidence against stable: enough to call an incident shared. */
  get stableSuspect(): boolean {
    return this.logStable >= 0.5 * this.#threshold;
  }

  get certified(): boolean {
    return this.logCertificate >= this.#certifiedAt;
  }

  /** How many more good requests of the candidate would certify it. */
  goodRequestsNeeded(phi: number): number {
    const goal = this.#certifiedAt;
    const gains = this.#below.good.map((each) => each / phi);
    let [low, high] = [0, 1];
    while (high < 1e9 && this.#certificate.logEAfter(gains, high) < goal) [low, high] = [high, high * 2];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#certificate.logEAfter(gains, middle) >= goal) high = middle;
      else low = middle;
    }
    return high;
  }

  snapshot(): LimitState {
    return { candidate: this.#candidate.snapshot(), stable: this.#stable.snapshot(), certificate: this.#certificate.snapshot() };
  }
}
