import { formatCause, formatEvent, formatMs, formatOutcome, formatPlan, type RolloutEvent, toMs } from '@shepherd/core';
import type { Style } from './paint.js';
import { advance, fixedMs, noProgress, type Progress, plainly, stageAt } from './progress.js';

const monitoringEveryMs = 60_000;
const stillEveryMs = 30_000;

const clockOf = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/** Events as lines for a log: one a change, and a sign of life while nothing changes. */
export class PlainLines {
  #progress: Progress = noProgress;
  /** What the running step has said already. */
  #said = new Set<string>();
  /** When the last line was written, or the running step began. */
  #quietSince = 0;
  readonly #planShown: boolean;

  /** `planShown`: a person has seen the plan already. */
  constructor({ planShown }: { readonly planShown: boolean }) {
    this.#planShown = planShown;
  }

  event(event: RolloutEvent): readonly string[] {
    const before = this.#progress;
    this.#progress = advance(before, event);
    const lines = this.#lines(event, before);
    if (lines.length > 0) this.#quietSince = Date.parse(event.at);
    const stamp = event.at.slice(11, 19);
    return lines.flatMap((line) => line.split('\n').map((each, index) => `${index === 0 ? stamp : ' '.repeat(8)} ${each}`));
  }

  /** Called now and then; says how a long step stands. */
  tick(nowMs: number): readonly string[] {
    const progress = this.#progress;
    const mark = progress.marks[progress.index];
    if (mark === undefined || mark.endedMs !== undefined || progress.outcome !== undefined) return [];
    const total = fixedMs(progress);
    if (nowMs - this.#quietSince < (total === undefined ? stillEveryMs : monitoringEveryMs)) return [];
    const elapsed = nowMs - mark.startedMs;
    this.#quietSince = total === undefined ? nowMs : mark.startedMs + Math.floor(elapsed / monitoringEveryMs) * monitoringEveryMs;
    if (total !== undefined) {
      const round = Math.floor(elapsed / 1_000) * 1_000;
      if (total - round < 1_000) return [];
      return [`${clockOf(nowMs)}   monitoring: ${formatMs(round)} elapsed, ${formatMs(Math.max(0, total - round))} remaining`];
    }
    const text = progress.question?.text ?? progress.plan?.steps[progress.index]?.text ?? 'the step';
    const what = progress.question !== undefined || progress.message?.startsWith('check ') === true ? undefined : progress.message;
    const waited = formatMs(Math.floor(elapsed / 1_000) * 1_000);
    return [`${clockOf(nowMs)}   still waiting for ${JSON.stringify(text)} after ${waited}${what === undefined ? '' : `: ${what}`}`];
  }

  #lines(event: RolloutEvent, before: Progress): readonly string[] {
    const progress = this.#progress;
    switch (event.type) {
      case 'rollout-start':
        return [
          ...(this.#planShown ? [] : [formatPlan(event.plan)]),
          `${event.rolloutId} starts, asked for by ${event.by.name}${event.reason === undefined ? '' : `: ${event.reason}`}`,
        ];
      case 'step-start':
        this.#said = new Set();
        return [...this.#header(event.index, before), `  ${startText(event, progress)}`];
      case 'step-progress':
        return this.#message(event);
      case 'weight-change':
        return [`  traffic ${event.from} % → ${event.to} %${event.to === event.asked ? '' : ` (asked for ${event.asked} %)`}`];
      case 'step-end':
        return this.#end(event);
      case 'driver-change':
        return before.index < 0 ? [] : [`driven by ${event.driver} from here on`];
      case 'rollback-start':
        return [`going back: ${formatCause(event.cause)}`];
      case 'rollout-end':
        return [formatOutcome(event.outcome)];
      default:
        return [formatEvent(event).slice(9)];
    }
  }

  #header(index: number, before: Progress): readonly string[] {
    const stage = stageAt(this.#progress, index);
    return stage === undefined || stage === stageAt(before, before.index) ? [] : [this.#progress.direction === 'back' ? 'way back' : stage.title];
  }

  #message({ message }: Extract<RolloutEvent, { type: 'step-progress' }>): readonly string[] {
    const dull = this.#said.has(message) || message.startsWith('check ') || (fixedMs(this.#progress) !== undefined && message.endsWith(': well'));
    this.#said.add(message);
    return dull ? [] : [`  ${plainly(message)}`];
  }

  #end({ index, verdict, ms }: Extract<RolloutEvent, { type: 'step-end' }>): readonly string[] {
    const notes = (verdict.evidence?.notes ?? []).map((note) => `    ${note}`);
    if (verdict.kind !== 'pass') return [`  ${verdict.kind} after ${formatMs(ms)}: ${verdict.reason}`, ...notes];
    const step = this.#progress.plan?.steps[index]?.step;
    const done = step?.kind === 'shift' ? 'adjusted' : 'done';
    const summary = step?.kind === 'shift' || verdict.evidence === undefined ? '' : `: ${verdict.evidence.summary}`;
    const stage = stageAt(this.#progress, index);
    const closes = stage !== undefined && stage.to === index + 1 && this.#progress.direction === 'forward';
    return [`  ${done} in ${formatMs(ms)}${summary}`, ...notes, ...(closes ? [`${stage.title} done`] : [])];
  }
}

/** The guide's words where it has some, else the step's own. */
function startText({ step, text }: Extract<RolloutEvent, { type: 'step-start' }>, { weight }: Progress): string {
  if (step.kind === 'shift') return `adjusting traffic to ${step.weight} %`;
  if (step.kind === 'analyse') return `monitoring for ${formatMs(toMs(step.for))} at ${weight} %`;
  return text;
}

/** How the lines of an event look where there are colours; what they mean, they say in words. */
export function styleOf(event: RolloutEvent): Style | undefined {
  if (event.type === 'rollback-start' || event.type === 'pause-start' || event.type === 'approval-request') return 'warn';
  if (event.type === 'step-end') return event.verdict.kind === 'pass' ? undefined : 'bad';
  if (event.type === 'rollout-end') return event.outcome.kind === 'succeeded' ? 'good' : 'bad';
  return undefined;
}
