import { formatMs } from '../words/duration.js';
import { figure, percent } from './figures.js';

/** The traffic that a release would be judged by. */
export interface Traffic {
  /** Of both tracks together. */
  readonly requestsPerSecond: number;
  /** The candidate's share, 0 to 1. */
  readonly share: number;
  /** Share of requests that fail on good days. */
  readonly baseRate: number;
  /** How many times the odds of a failure. @default 5 */
  readonly effect?: number | undefined;
}

/** What it takes, at the least, to see that a release is bad. */
export interface Detectability {
  /** Of both tracks, that even an ideal test needs. */
  readonly errors: number;
  readonly candidateRequests: number;
  readonly seconds: number;
  /** For the plan. */
  readonly sentence: string;
}

/** An ideal test decides at 200 to 1: α 0.5 %. */
const decisive = Math.log(200);

/** What can be seen at this traffic at all, before the rollout (AN 1.4): no rule finds it sooner on average. */
export function detectability({ requestsPerSecond, share, baseRate, effect = 5 }: Traffic): Detectability {
  const g = 1 - share + share * effect;
  const q = (share * effect) / g;
  const errors = decisive / (q * Math.log(effect) - Math.log(g));
  const candidateRequests = (errors * share) / (baseRate * g);
  const seconds = candidateRequests / (requestsPerSecond * share);
  const at = `at ${figure(requestsPerSecond)} requests/s and ${percent(share)}`;
  const name = effect === 2 ? 'a doubled' : effect === 5 ? 'a fivefold' : effect === 10 ? 'a tenfold' : `${figure(effect)} times the`;
  const needs = `${figure(Math.ceil(errors))} errors, ${figure(Math.ceil(candidateRequests))} requests of the candidate`;
  const when = Number.isFinite(seconds) ? `shows after about ${roughly(seconds)}` : 'never shows';
  return { errors, candidateRequests, seconds, sentence: `${at} ${name} error rate of ${percent(baseRate)} ${when} (${needs})` };
}

const roughly = (seconds: number): string => {
  const unit = seconds < 60 ? 1 : seconds < 7_200 ? 60 : 3_600;
  return formatMs(Math.max(1, Math.round(seconds / unit)) * unit * 1_000);
};
