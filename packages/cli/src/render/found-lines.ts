import type { FoundApp } from '@shepherd/kube';
import { table } from './table.js';

/** The apps of a cluster, and what of them a release should know. */
export function foundLines(apps: readonly FoundApp[]): readonly string[] {
  const rows = apps.map((app) => [
    `${app.namespace}/${app.name}`,
    `${app.replicas} ${app.replicas === 1 ? 'pod' : 'pods'}`,
    app.images.join(', '),
    notesOf(app),
  ]);
  return [`found ${apps.length} ${apps.length === 1 ? 'app' : 'apps'}:`, ...table(rows).map((line) => `  ${line}`.trimEnd())];
}

const notesOf = ({ services, health, unprobed, autoscaled, helmRelease, replicas }: FoundApp): string =>
  [
    services.length === 0 ? 'no Service: no blue/green' : `Service ${services.join(', ')}`,
    ...(health === undefined ? [] : [`health at ${health}`]),
    ...(unprobed.length === 0 ? [] : [`no readiness probe: ${unprobed.join(', ')}`]),
    ...(replicas < 2 ? ['one pod: a canary has no fine steps'] : []),
    ...(autoscaled ? ['autoscaled'] : []),
    ...(helmRelease === undefined ? [] : [`helm release ${helmRelease}`]),
  ].join('; ');
