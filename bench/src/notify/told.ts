import type { RolloutEvent } from '@shepherd/core';
import type { MemoryCall } from '@shepherd/core/testing';

/** Events of which each is a notice (docs/concepts.md, "Who is told"), for rollouts without analysis. */
const telling = new Set<RolloutEvent['type']>([
  'rollout-start',
  'weight-change',
  'rollback-start',
  'rollout-end',
  'pause-start',
  'approval-request',
  'gate-hold',
]);

const isTold = (event: RolloutEvent): boolean => telling.has(event.type) || (event.type === 'step-end' && event.verdict.kind === 'pass');

/** What must be told: each event that a journal has stored, whichever process stored it and whether or not it lived to know. */
export class Told {
  readonly keys = new Set<string>();
  readonly #seen = new Map<string, number>();

  /** A write that was done. */
  stored({ name, args }: MemoryCall): void {
    if (name !== 'journal.save') return;
    const { id, events } = (args[0] as { readonly current: { readonly id: string; readonly events: readonly RolloutEvent[] } }).current;
    const seen = this.#seen.get(id) ?? 0;
    for (const event of events) if (event.sequence > seen && isTold(event)) this.keys.add(`${id}/${event.sequence}`);
    this.#seen.set(id, events.at(-1)?.sequence ?? seen);
  }
}
