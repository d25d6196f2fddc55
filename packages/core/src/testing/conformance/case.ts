/** One sentence of a port's contract, for any test runner: `for (const { name, run } of cases) test(name, run)`. */
export interface Case {
  readonly name: string;
  /** Rejects if the port does not keep it. */
  readonly run: () => Promise<void>;
}
