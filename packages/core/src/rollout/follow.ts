import { readAppRecord } from '../engine/read-record.js';
import type { RolloutRecord } from '../engine/record.js';
import type { Engine } from '../engine/start.js';
import type { PortContext } from '../ports/context.js';
import type { LiveRollout } from './live-rollout.js';
import type { Outcome } from './outcome.js';

/** Follows a rollout that another process drives, by its journal, until it has an outcome. */
export async function followRecord(engine: Engine, context: PortContext, id: string, rollout: LiveRollout): Promise<Outcome | undefined> {
  for await (const saved of engine.platform.journal.watch(context)) {
    const record = readAppRecord(saved, context.app);
    const current: RolloutRecord | undefined = record?.current.id === id ? record.current : undefined;
    current?.events.forEach((event) => rollout.hub.publish(event));
    const outcome = current?.outcome ?? record?.past.find((past) => past.id === id)?.outcome;
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}
