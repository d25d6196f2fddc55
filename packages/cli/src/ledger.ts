import type { Evidence, Outcome, RolloutEvent, Step, Undelivered, Verdict } from '@shepherd/core';

/** Of all that is written for programs. Within a version fields are only added. */
export const schemaVersion = 1;

/** A step that ran. `weight`: realised percent of requests to the new version after it; `asked`: what was asked for, of steps that move traffic. */
export interface StepRecord {
  readonly direction: 'forward' | 'back';
  readonly index: number;
  readonly kind: Step['kind'];
  readonly text: string;
  readonly weight: number;
  readonly asked?: number | undefined;
  /** Undefined: it was left while it ran. */
  readonly verdict?: Verdict['kind'] | undefined;
  readonly reason?: string | undefined;
  readonly ms?: number | undefined;
}

/** What a verdict rested on, and of which step. */
export interface EvidenceRecord extends Evidence {
  readonly direction: 'forward' | 'back';
  readonly step: number;
  readonly verdict: Verdict['kind'];
}

/** The last line of NDJSON, and all of JSON: the outcome with what led to it. `sequence`: that of the last event, as transient events repeat it. */
export type Result = Outcome & {
  readonly schemaVersion: typeof schemaVersion;
  readonly type: 'result';
  readonly at: string;
  readonly sequence: number;
  readonly outcome: Outcome['kind'];
  readonly exitCode: number;
  readonly steps: readonly StepRecord[];
  readonly evidence: readonly EvidenceRecord[];
  /** Absent: nobody is to be told anything. */
  readonly undelivered?: readonly Undelivered[] | undefined;
};

/** Keeps what a rollout's events said, for its result and for a summary. */
export class Ledger {
  readonly #steps: StepRecord[] = [];
  readonly #evidence: EvidenceRecord[] = [];
  #direction: 'forward' | 'back' = 'forward';
  #sequence = 0;
  #weight = 0;

  get steps(): readonly StepRecord[] {
    return this.#steps;
  }

  get evidence(): readonly EvidenceRecord[] {
    return this.#evidence;
  }

  take(event: RolloutEvent): void {
    this.#sequence = event.sequence;
    if (event.type === 'rollback-start') this.#direction = 'back';
    else if (event.type === 'step-start') this.#start(event);
    else if (event.type === 'weight-change') this.#shifted(event);
    else if (event.type === 'step-end') this.#end(event);
  }

  result(outcome: Outcome, { exitCode, at, undelivered }: Pick<Result, 'exitCode' | 'at' | 'undelivered'>): Result {
    return {
      schemaVersion,
      ...outcome,
      type: 'result',
      at,
      sequence: this.#sequence,
      outcome: outcome.kind,
      exitCode,
      steps: this.#steps,
      evidence: this.#evidence,
      ...(undelivered === undefined ? {} : { undelivered }),
    };
  }

  #start({ index, step, text }: RolloutEvent<'step-start'>): void {
    const asked = step.kind === 'shift' ? { asked: step.weight } : {};
    this.#steps.push({ direction: this.#direction, index, kind: step.kind, text, weight: this.#weight, ...asked });
  }

  #shifted({ to }: RolloutEvent<'weight-change'>): void {
    this.#weight = to;
    const last = this.#steps.at(-1);
    if (last !== undefined) this.#steps[this.#steps.length - 1] = { ...last, weight: to };
  }

  #end({ index, verdict, ms }: RolloutEvent<'step-end'>): void {
    const last = this.#steps.at(-1);
    if (last === undefined || last.index !== index) return;
    const reason = verdict.kind === 'pass' ? {} : { reason: verdict.reason };
    this.#steps[this.#steps.length - 1] = { ...last, verdict: verdict.kind, ...reason, ms };
    if (verdict.evidence !== undefined) this.#evidence.push({ direction: this.#direction, step: index, verdict: verdict.kind, ...verdict.evidence });
  }
}
