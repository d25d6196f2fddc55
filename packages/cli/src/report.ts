import type { ErrorInfo, Finding, Outcome, Plan, RolloutEvent, Undelivered } from '@shepherd/core';
import type { Verification } from '@shepherd/core/verification';

/** Told what a command finds and does, beside what it prints: a CI system that keeps a summary. Called in order; must be quick and must not throw. */
export interface Report {
  /** A plan that was asked for and is not run. */
  plan?(plan: Plan): void;
  /** What stands in the way of a release, or might. */
  findings?(app: string, findings: readonly Finding[]): void;
  verification?(verification: Verification): void;
  event?(event: RolloutEvent): void;
  /** Where a rollout stands as this process leaves it. `undelivered`: notices that nobody got yet; undefined: nobody is to be told. */
  outcome?(outcome: Outcome, undelivered: readonly Undelivered[] | undefined): void;
  /** The command failed. */
  error?(error: ErrorInfo): void;
  /** The last call, also where the process is about to end at once. */
  end?(exitCode: number): void;
}

/** Several as one; a report that fails is left out from then on, which is said, and changes nothing. */
export function allReports(reports: readonly Report[], complain: (message: string) => void = () => undefined): Required<Report> {
  const failed = new Set<Report>();
  const tell =
    <K extends keyof Report>(name: K) =>
    (...args: Parameters<Required<Report>[K]>): void => {
      for (const report of reports) {
        if (failed.has(report)) continue;
        try {
          (report[name] as ((...all: typeof args) => void) | undefined)?.call(report, ...args);
        } catch (error) {
          failed.add(report);
          complain(`nothing more is reported: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    };
  return {
    plan: tell('plan'),
    findings: tell('findings'),
    verification: tell('verification'),
    event: tell('event'),
    outcome: tell('outcome'),
    error: tell('error'),
    end: tell('end'),
  };
}
