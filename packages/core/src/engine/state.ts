import { lastSequence } from '../journal/stored.js';
import type { RolloutState } from '../rollout/rollout.js';
import type { RolloutRecord } from './record.js';

/** Where a rollout stands, from its record. `driver`: who holds the lock, if somebody does. */
export function stateOf(record: RolloutRecord, driver: string | undefined): RolloutState {
  const { id, apps, weight, outcome, waiting, phase, step, plan, back, unwatchedDeadline } = record;
  const base = {
    id,
    targets: apps,
    weight,
    driver: outcome === undefined ? driver : undefined,
    sequence: lastSequence(record),
    ...(unwatchedDeadline === undefined ? {} : { unwatchedDeadline }),
  };
  if (outcome !== undefined) return { ...base, now: { kind: 'ended', outcome } };
  if (waiting !== undefined) {
    const { on, reason, until, missing } = waiting;
    return { ...base, now: { kind: 'waiting', on, reason, until, ...(missing === undefined ? {} : { missing }) } };
  }
  const of = (phase === 'back' ? (back ?? plan) : plan).steps.length;
  return { ...base, now: { kind: phase === 'back' ? 'rolling-back' : 'progressing', step: Math.min(step, of - 1), of } };
}
