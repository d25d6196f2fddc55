import type { EventBody } from '../engine/keeper.js';
import type { RolloutRecord } from '../engine/record.js';
import type { Registry } from '../extend/registry.js';
import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext, WriteContext } from '../ports/context.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { Platform } from '../ports/platform.js';
import type { App } from '../words/app.js';
import type { Verdict } from '../words/verdict.js';

/** What a step kind sees while it runs. */
export interface StepRun {
  readonly app: App;
  readonly index: number;
  /** Unknown what the platform releases: the engine hands it through. */
  readonly platform: Platform<unknown>;
  /** What the app's requests are judged by, where there is something. */
  readonly metrics: MetricsProvider | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly registry: Registry;
  /** Going back: no gates, no limits on pods, the candidate need not be well. */
  readonly urgent: boolean;
  record(): RolloutRecord;
  read(): PortContext;
  write(): WriteContext;
  /** The app as it stands now. */
  target(): Promise<Target>;
  progress(message: string, data?: unknown): void;
  commit(change: Partial<RolloutRecord>, events?: readonly EventBody[]): Promise<void>;
  /** Sleeps; ends early when somebody asked to skip the waiting that is left. True: it was skipped. */
  dwell(ms: number): Promise<boolean>;
  /** Waits for a person's answer to the approval that was asked. */
  answer(until: string, onTimeout: 'approve' | 'reject', message: string): Promise<{ readonly approved: boolean; readonly reason: string }>;
}

/** Runs one kind of step; bears a repeat after a crash. */
export type Runner<K extends Step['kind']> = (step: Extract<Step, { kind: K }>, run: StepRun) => Promise<Verdict>;
