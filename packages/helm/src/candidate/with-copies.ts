import type { TrackName, Tracks, WriteContext } from '@shepherd/core';
import type { HelmClient } from '../binary/helm-client.js';
import { removeCopies } from './copies.js';

/** Tracks whose candidate may have ConfigMaps and Secrets of its own: they go with it. */
export const withCopies = (tracks: Tracks, helm: HelmClient): Tracks => ({
  inspect: (context) => tracks.inspect(context),
  scale: (context, track, replicas) => tracks.scale(context, track, replicas),
  watch: (context, track) => tracks.watch(context, track),
  ...(tracks.drift === undefined ? {} : { drift: (context, expected) => tracks.drift?.(context, expected) ?? Promise.resolve([]) }),
  async remove(context: WriteContext, track: TrackName) {
    await tracks.remove(context, track);
    if (track === 'candidate') await removeCopies(helm, context);
  },
});
