/** What a bench is given. */
export interface BenchRun {
  /** A part of it alone, by name. */
  readonly only: string | undefined;
  /** Of benches that sample: how many rollouts a cell. */
  readonly rollouts: number | undefined;
  /** Of benches that sample. */
  readonly seeds: readonly number[] | undefined;
  /** Write what was seen into docs/benchmarks, where the bench has a page there. */
  readonly write: boolean;
  /** Progress, for stderr. */
  readonly log: (line: string) => void;
}

export interface BenchResult {
  /** The last line with `--json`; begins with the bench's name. */
  readonly json: { readonly name: string };
  /** The same for people. */
  readonly text: string;
  /** False: something could not be measured or did not hold; the exit code is 1. */
  readonly ok: boolean;
}

/** Measures. @throws RangeError if `only` names no part */
export type Bench = (run: BenchRun) => Promise<BenchResult>;
