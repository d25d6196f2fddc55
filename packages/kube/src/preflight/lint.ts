import type { Asked, Finding, PortContext } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { names } from '../names.js';
import { paths, type Service, selects } from '../objects.js';
import type { KubeRelease } from '../options.js';
import type { KubeReleases } from '../releases/releases.js';
import { candidateName, labelsOf, readWorkload, type Workload } from '../workload.js';
import { drainSeconds } from '../zero-downtime/ending.js';
import { accessFindings } from './access.js';
import { referenceFindings, requiredSecretFindings } from './references.js';
import { rightsOf } from './rights.js';
import { newcomersOf, roomFindings } from './room.js';

/** What will go wrong with these pods while they are replaced. Reads only. */
export function lint(cluster: Cluster, releases: KubeReleases, context: PortContext, { release, needs }: Asked<KubeRelease>): Promise<readonly Finding[]> {
  return translated(context, `read ${context.app.name}`, async () => {
    const workload = await readWorkload(cluster.at(context), context.app, context.signal);
    const { stable, candidate } = workload;
    const { spec, metadata } = stable;
    const object = `Deployment ${metadata.name}`;
    const { containers } = spec.template.spec;
    const error = (id: string, message: string, fix: string): Finding => ({ id, level: 'error', message, fix, object });
    const warning = (id: string, message: string, fix: string): Finding => ({ id, level: 'warning', message, fix, object });
    const template = await releases.sketch(context, workload, release);
    const drains = drainSeconds(stable) !== undefined || containers.some(({ lifecycle }) => lifecycle?.preStop !== undefined);
    const unavailable = String(spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%');
    const replicas = spec.replicas ?? 1;
    const [rights, unreached, room, secrets, references, taken] = await Promise.all([
      accessFindings(cluster, context, rightsOf({ ...needs, autoscaler: false })),
      selectsNothing(cluster, context, workload),
      roomFindings(cluster, context, newcomersOf(stable, needs)),
      requiredSecretFindings(cluster, context),
      referenceFindings(cluster, context, { template, beside: needs.beside, quiet: true }),
      needs.candidate && candidate === undefined && workload.roles === 'keep' ? nameTaken(cluster, context, metadata.name) : [],
    ]);
    const reallyUnavailable = unavailable.endsWith('%') ? Math.floor((replicas * Number(unavailable.slice(0, -1))) / 100) : Number(unavailable);
    return [
      ...(spec.strategy?.type === 'Recreate'
        ? [error('zd/surge-zero', `${object} has strategy Recreate, which stops all pods before the first new one`, 'set spec.strategy.type to RollingUpdate')]
        : []),
      ...(spec.paused
        ? [
            error(
              'paused',
              `${object} is paused (spec.paused is true), so no pod would be replaced`,
              `resume it: kubectl rollout resume deployment/${metadata.name}`,
            ),
          ]
        : []),
      ...(spec.revisionHistoryLimit === 0
        ? [
            error(
              'zd/history-limit',
              `${object} keeps no old revision (spec.revisionHistoryLimit is 0), so there is no way back`,
              'set spec.revisionHistoryLimit to 1 or more',
            ),
          ]
        : []),
      ...rights,
      ...unreached,
      // Pods may go first and make room: that it is tight is no reason to refuse.
      ...room.map((each): Finding => ({ ...each, level: 'warning' })),
      ...secrets,
      ...references,
      ...taken,
      ...(drains || release.preStopSleep !== undefined
        ? drains
          ? []
          : [
              warning(
                'zd/prestop-missing',
                'the pods that go have no preStop and no known drain: this release adds one, but requests may be lost while the pods of the old version end',
                'nothing to do after this release',
              ),
            ]
        : [
            warning(
              'zd/prestop-missing',
              'the pods that go have no preStop and no known drain: requests may be lost while they end',
              `release with preStopSleep: '5s', or annotate the Deployment ${names.drains}: "true" if the app serves on after SIGTERM`,
            ),
          ]),
      ...secretNames(release).map((name) =>
        warning(
          'secret-env',
          `env ${name} is a secret by its name: as a plain value it stands in the Deployment and in the journal`,
          'put it into a Secret, and name that in release.patch: valueFrom.secretKeyRef',
        ),
      ),
      ...(containers.some(({ readinessProbe }) => readinessProbe !== undefined)
        ? []
        : [warning('zd/readiness-missing', 'no container has a readiness probe: a pod gets requests as soon as it runs', 'add a readinessProbe')]),
      ...(replicas === 1 && reallyUnavailable > 0
        ? [warning('zd/single-replica', 'one replica with maxUnavailable above 0 means a moment without any', 'set maxUnavailable to 0, or more replicas')]
        : []),
      ...(replicas === 0
        ? [warning('no-replicas', `${object} wants 0 replicas: the release is written, but nothing runs it`, 'scale it up to see it run')]
        : []),
    ];
  });
}

/** Names alone prove nothing, so they are no error; what is a credential by its form is refused elsewhere. */
const secretNames = ({ env = {} }: KubeRelease): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) => (value !== '' && /passw|secret|token|api_?key|credential|private_?key/i.test(name) ? [name] : []));

/** A Deployment of the user's that has the name of the candidate. */
async function nameTaken(cluster: Cluster, { app, signal }: PortContext, name: string): Promise<readonly Finding[]> {
  const object = `Deployment ${candidateName(name)}`;
  if ((await cluster.find(paths.deployments(app.namespace, candidateName(name)), signal)) === undefined) return [];
  return [
    {
      id: 'name-taken',
      level: 'error',
      object,
      message: `${object} exists and was not made by Shepherd: canary and blue-green need this name for the candidate`,
      fix: 'rename it, or use the rolling strategy',
    },
  ];
}

/** A Service that is meant for the app but reaches none of its pods. */
async function selectsNothing(cluster: Cluster, { app, signal }: PortContext, { services, stable, candidate }: Workload): Promise<readonly Finding[]> {
  const reached = [stable, ...(candidate === undefined ? [] : [candidate])].map(labelsOf);
  const named = cluster.app(app).services ?? [app.name];
  const explicit = cluster.app(app).services !== undefined;
  const all = await Promise.all(named.map(async (name) => [name, await cluster.find<Service>(paths.services(app.namespace, name), signal)] as const));
  return all.flatMap(([name, service]): readonly Finding[] => {
    const object = `Service ${name}`;
    if (service === undefined)
      return explicit ? [{ id: 'no-service', level: 'error', object, message: `${object} does not exist`, fix: 'correct app.services' }] : [];
    const { selector } = service.spec;
    if (selector === undefined || services.some(({ metadata }) => metadata.name === name && reached.some((labels) => selects(selector, labels)))) return [];
    return [
      {
        id: 'selects-nothing',
        level: 'error',
        object,
        message: `${object} selects ${JSON.stringify(selector)}, which no pod of ${app.name} has`,
        fix: 'correct the selector of the Service, or name the Services of the app',
      },
    ];
  });
}
