import type { Use } from '../extend/definition.js';
import type { Registry } from '../extend/registry.js';
import type { Step } from '../plan/step.js';
import type { EventBody } from './keeper.js';
import type { MissingUse, RolloutRecord, Waiting } from './record.js';

/** What a step runs of the box or of one's own. */
export const usesOf = (step: Step): readonly Use<'step' | 'check'>[] => {
  switch (step.kind) {
    case 'custom':
      return [step.step];
    case 'smoke':
    case 'verify':
      return step.checks;
    case 'analyse':
      return step.options.checks ?? [];
    default:
      return [];
  }
};

/**
 * The first thing that the rest of a rollout needs and that is not registered here. Going back needs nothing but the undo of the step that comes next. The
 * strategy is not needed: its plan is stored.
 */
export function missingUse({ phase, plan, back, step, request }: RolloutRecord, registry: Registry): MissingUse | undefined {
  if (phase === 'ended') return undefined;
  const steps = phase === 'back' ? (back?.steps ?? []).slice(step, step + 1) : plan.steps.slice(step);
  const uses = [...(phase === 'forward' ? (request.gates ?? []) : []), ...steps.flatMap((each) => usesOf(each.step))];
  const missing = uses.find(({ extension, use }) => !registry.has(extension, use));
  return missing === undefined ? undefined : { extension: missing.extension, use: missing.use };
}

/** Far off: nothing comes of its end, it waits for another process and not for time. */
const holdMs = 30 * 86_400_000;

/** The hold of a rollout that only a process with something of one's own can go on with. */
export function holdFor(missing: MissingUse, now: Date): { readonly waiting: Waiting; readonly start: EventBody } {
  const by = { name: 'shepherd', kind: 'engine' } as const;
  const reason = `needs a process that has the ${missing.extension} ${missing.use} in its extensions`;
  const until = new Date(now.getTime() + holdMs).toISOString();
  return {
    waiting: { on: 'pause', reason, until, onTimeout: 'rollback', by, since: now.toISOString(), missing },
    start: { type: 'pause-start', by, reason, until },
  };
}
