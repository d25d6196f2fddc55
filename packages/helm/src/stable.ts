import { type PortContext, type Revision, ShepherdError } from '@shepherd/core';
import type { PlatformBelow } from './helm.js';

type Tracks = PlatformBelow['tracks'];

/** The tracks as they are at this moment, whatever a look before has seen. */
export function inspectAnew(tracks: Tracks, context: PortContext): ReturnType<Tracks['inspect']> {
  const { look: _look, ...fresh } = context;
  return tracks.inspect(fresh);
}

/** What helm has just written. @throws ShepherdError ERR_APP_NOT_FOUND where the chart made no Deployment of the app's name */
export async function stableOf(tracks: Tracks, context: PortContext): Promise<Revision> {
  const { stable } = await inspectAnew(tracks, context);
  if (stable !== undefined) return { ...stable.revision, owner: 'helm' };
  const { name } = context.app;
  throw new ShepherdError('ERR_APP_NOT_FOUND', `the chart was installed, but made no Deployment ${name}`, {
    facts: { app: `${context.app.namespace}/${name}`, near: [] },
    remedy: 'name the app as the Deployment that the chart makes',
  });
}
