import { type Autoscaler, type PortContext, ShepherdError, type TrackName, type Tracks, type TrafficRouter, type WriteContext } from '@shepherd/core';

/** What there is of an app that no chart has made yet. */
async function unlessAbsent<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (ShepherdError.is(error, 'ERR_APP_NOT_FOUND')) return otherwise;
    throw error;
  }
}

/** Tracks of an app that may be installed by this very rollout. */
export function tracksOrNone(tracks: Tracks): Tracks {
  return {
    inspect: (context) => unlessAbsent(tracks.inspect(context), { replicas: 1, stable: undefined, candidate: undefined }),
    scale: (context: WriteContext, track: TrackName, replicas: number) => tracks.scale(context, track, replicas),
    remove: (context: WriteContext, track: TrackName) => unlessAbsent(tracks.remove(context, track), undefined),
    watch: (context: PortContext, track: TrackName) => tracks.watch(context, track),
    ...(tracks.drift === undefined ? {} : { drift: (context, expected) => unlessAbsent(tracks.drift?.(context, expected) ?? Promise.resolve([]), []) }),
  };
}

export function routerOrNone(router: TrafficRouter): TrafficRouter {
  return {
    describe: (context) => unlessAbsent(router.describe(context), { name: 'nothing yet', granularity: 'replicas', switches: false }),
    get: (context) => unlessAbsent(router.get(context), 0),
    set: (context, weight) => router.set(context, weight),
  };
}

export const autoscalerOrNone = (autoscaler: Autoscaler): Autoscaler => ({
  read: (context) => unlessAbsent(autoscaler.read(context), undefined),
  hold: (context) => autoscaler.hold(context),
  release: (context, held) => unlessAbsent(autoscaler.release(context, held), undefined),
});
