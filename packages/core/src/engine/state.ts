import type { RolloutState } from '../rollout/rollout.js';
import type { RolloutRecord } from './record.js';

/** Where a rollout stands, from its record. `driver`: who holds the lock, if somebody does. */
export function stateOf(record: RolloutRecord, driver: string | undefined): RolloutState {
  const { id, apps, weight, events, outcome, waiting, phase, step, plan, back } = record;
  const base = { id, targets: apps, weight, driver: outcome === undefined ? driver : undefined, sequence: events.length };
  if (outcome !== undefined) return { ...base, now: { kind: 'ended', outcome } };
  if (waiting !== undefined) return { ...base, now: { kind: 'waiting', on: waiting.on, reason: waiting.reason, until: waiting.until } };
  const of = (phase === 'back' ? (back ?? plan) : plan).steps.length;
  return { ...base, now: { kind: phase === 'back' ? 'rolling-back' : 'progressing', step: Math.min(step, of - 1), of } };
}
