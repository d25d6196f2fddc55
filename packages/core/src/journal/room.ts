import type { StoredRequest } from '../engine/record.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Plan } from '../plan/plan.js';
import type { Journal } from '../ports/journal.js';
import type { App } from '../words/app.js';
import { bytesOf } from './bytes.js';
import { defaultMaxBytes } from './compact.js';

/** For what a rollout adds that nothing makes room for: its state, an outcome, the last events. */
const stateBytes = 32 * 1024;
/** What the custom steps of a rollout may keep together. */
const savedBytes = 32 * 1024;

/**
 * Request and plan stay in the journal whole, and the plan of the way back comes beside them: what cannot fit is refused here, before the first write, not in
 * the middle. @throws ShepherdError ERR_JOURNAL
 */
export function refuseTooLarge(journal: Journal, app: App, request: StoredRequest, plan: Plan): void {
  const maxBytes = journal.maxBytes ?? defaultMaxBytes;
  const [ofRequest, ofPlan] = [bytesOf(request), bytesOf(plan)];
  const needed = ofRequest + 2 * ofPlan + stateBytes + savedBytes;
  if (needed <= maxBytes) return;
  const reason = `this rollout would need up to ${needed} bytes of it (request ${ofRequest}, plan ${ofPlan}), at most ${maxBytes} are allowed`;
  throw new ShepherdError('ERR_JOURNAL', `the journal of ${app.name} would be too large: ${reason}`, {
    facts: { object: `journal of ${app.name}`, reason },
    remedy: 'shorten the request: release, metadata and the input of steps and checks are kept in it',
  });
}

/** A store refuses what is beyond its limit, whoever made it. @throws ShepherdError ERR_JOURNAL */
export function refuseRecord(object: string, text: string, maxBytes: number): void {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= maxBytes) return;
  const reason = `it would have ${bytes} bytes, at most ${maxBytes} are allowed`;
  throw new ShepherdError('ERR_JOURNAL', `the journal ${object} cannot be used: ${reason}`, {
    facts: { object, reason },
    remedy: 'shorten the request: manifests and metadata are kept in it',
  });
}

/** What a custom step wants to keep must leave room for the rest. @throws ShepherdError ERR_STEP_FAILED */
export function refuseSaved(saved: Readonly<Record<string, unknown>>, step: string): void {
  const bytes = bytesOf(saved);
  if (bytes <= savedBytes) return;
  const reason = `the steps of this rollout would keep ${bytes} bytes in the journal, at most ${savedBytes} are allowed`;
  throw new ShepherdError('ERR_STEP_FAILED', `${step} saves too much: ${reason}`, {
    facts: { step, reason },
    remedy: 'save an id or a reference, and keep the rest where it is',
  });
}
