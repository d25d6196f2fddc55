import { EventHub } from '../events/event-hub.js';
import { systemClock } from '../internal/system-clock.js';
import { PostOffice } from '../notices/post-office.js';
import type { ShepherdOptions } from '../shepherd-options.js';
import type { Open } from './close.js';
import { Clusters } from './clusters.js';

/** What a Shepherd and its children share. */
export interface Shared extends Open {
  readonly hub: EventHub;
}

/** @throws ShepherdError ERR_INVALID_OPTIONS */
export function share({ platform, clock: given }: Pick<ShepherdOptions<never>, 'platform' | 'clock'>): Shared {
  const clusters = new Clusters(platform as never);
  const [hub, clock] = [new EventHub(), given ?? clusters.clock ?? systemClock];
  return {
    clusters,
    clock,
    hub,
    live: new Map(),
    observers: new Set(),
    closing: new AbortController(),
    office: new PostOffice(clock, (event) => hub.relay(event)),
  };
}
