import { readAppRecord } from '../engine/read-record.js';
import { stateOf } from '../engine/state.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import type { Clusters } from './clusters.js';
import type { RolloutState } from './rollout.js';

/** `namespaces` @default all. `running`: only those that have not ended, or only those that have. */
export interface ListFilter {
  readonly namespaces?: readonly string[] | undefined;
  readonly running?: boolean | undefined;
}

/** The last rollout of each app that has one, cluster by cluster. */
export async function* listRollouts(clusters: Clusters, clock: Clock, signal: AbortSignal, { namespaces, running }: ListFilter): AsyncIterable<RolloutState> {
  for (const [cluster, platform] of clusters.all) {
    for await (const app of platform.journal.list(namespaces, signal)) {
      const context: PortContext = { app: { cluster, ...app }, rolloutId: undefined, signal, clock };
      const record = readAppRecord(await platform.journal.load(context), context.app);
      if (record === undefined) continue;
      const state = stateOf(record.current, (await platform.lock.read(context))?.heldBy);
      if (running === undefined || running === (state.now.kind !== 'ended')) yield state;
    }
  }
}
