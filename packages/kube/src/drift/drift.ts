import type { Drift, Expected, PortContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { managersOf } from '../managers.js';
import { names } from '../names.js';
import { annotation, type Deployment, type Labels, type PodTemplate, paths, type ReplicaSet, type Service, selects } from '../objects.js';
import { identityOf, revisionOf, revisionsOf } from '../releases/revision.js';
import { templateHash } from '../releases/template-hash.js';
import { candidateName, isIsolated, labelsOf, readWorkload, type Workload } from '../workload.js';
import { changedPaths } from './changed-paths.js';

type Found = Omit<Drift, 'by' | 'at' | 'object'>;

/** Who wrote a field last, apart from us and the controllers that write every status. */
function blame(object: KubeObject, path: readonly string[]): Pick<Drift, 'by' | 'at'> {
  const last = managersOf(object, path).findLast(({ manager }) => manager !== 'shepherd' && manager !== '');
  return last === undefined ? { by: 'somebody' } : { by: last.manager, ...(last.time === '' ? {} : { at: last.time }) };
}

const nameOf = (object: KubeObject, kind: string): string => `${kind} ${object.metadata.name}`;
const drifted = (object: KubeObject, kind: string, path: readonly string[], found: Found): Drift => ({
  ...found,
  object: nameOf(object, kind),
  ...blame(object, path),
});

/** Pods and pause of a Deployment, compared with what we made of them last. */
function ofDeployment(deployment: Deployment, rolloutId: string | undefined): readonly Drift[] {
  const { spec } = deployment;
  // The controller copies annotations to ReplicaSets, from where an undo brings back what an older rollout wrote.
  const set = annotation(deployment, names.rolloutId) === rolloutId ? annotation(deployment, names.desired) : undefined;
  const replicas = String(spec.replicas ?? 1);
  return [
    ...(spec.paused
      ? [drifted(deployment, 'Deployment', ['spec', 'paused'], { kind: 'paused', what: 'it was paused', field: 'spec.paused', value: 'true' })]
      : []),
    ...(set !== undefined && set !== replicas
      ? [
          drifted(deployment, 'Deployment', ['spec', 'replicas'], {
            kind: 'replicas',
            what: `it was scaled to ${replicas}, this rollout had set ${set}`,
            field: 'spec.replicas',
            value: replicas,
          }),
        ]
      : []),
  ];
}

function templateDrift(deployment: Deployment, before: PodTemplate | undefined, value: string): Drift {
  const changed = before === undefined ? [] : changedPaths(before, deployment.spec.template);
  return drifted(deployment, 'Deployment', ['spec', 'template'], {
    kind: 'template',
    what: 'its pod template was changed',
    field: changed.length === 0 ? 'spec.template' : changed.map((path) => `spec.template.${path}`).join(', '),
    value,
  });
}

/** The selectors of the Services that were there when the candidate was made. */
function ofServices(workload: Workload, { weight }: Expected, all: readonly Service[]): readonly Drift[] {
  const { candidate, stable, services } = workload;
  if (candidate === undefined) return [];
  const wanted =
    annotation(candidate, names.services)
      ?.split(',')
      .filter((name) => name !== '') ?? [];
  const lost = wanted.filter((name) => services.every(({ metadata }) => metadata.name !== name));
  const labels = isIsolated(workload) && weight !== undefined && weight > 0 ? labelsOf(candidate) : labelsOf(stable);
  const off = (service: Service): boolean => weight !== undefined && !selects(service.spec.selector, labels);
  const moved = services.filter((service) => wanted.includes(service.metadata.name) && off(service));
  const text = (selector: Labels | undefined): string => JSON.stringify(selector ?? {}).replaceAll(' ', '');
  return [
    ...lost.flatMap((name) => {
      const service = all.find(({ metadata }) => metadata.name === name);
      const found = { kind: 'traffic' as const, field: 'spec.selector' };
      return service === undefined
        ? [{ ...found, object: `Service ${name}`, what: 'it was deleted', by: 'somebody', value: 'none' }]
        : [drifted(service, 'Service', ['spec', 'selector'], { ...found, what: 'it does not select the app any more', value: text(service.spec.selector) })];
    }),
    ...moved.map((service) =>
      drifted(service, 'Service', ['spec', 'selector'], {
        kind: 'traffic',
        what: `its selector was changed to ${text(service.spec.selector)}`,
        field: 'spec.selector',
        value: text(service.spec.selector),
      }),
    ),
  ];
}

/** A read may be of a while ago, a write never is (KC LW-1): one that stores nothing tells whether the candidate is gone. */
async function isGone(cluster: Cluster, { app, signal }: PortContext, stable: Deployment): Promise<boolean> {
  const path = paths.deployments(app.namespace, candidateName(stable.metadata.name));
  try {
    await cluster.api.patch(path, 'merge', {}, { signal, query: { dryRun: 'All' } });
    return false;
  } catch (error) {
    if (KubeError.is(error, 404)) return true;
    throw error;
  }
}

/** What people, GitOps and other tools made of an app while a rollout works on it (RR IS-3, LK-6). Stores nothing. */
export function driftOf(cluster: Cluster, context: PortContext, expected: Expected): Promise<readonly Drift[]> {
  return translated(context, `look for changes of ${context.app.name} by others`, async () => {
    const { signal, app } = context;
    const workload = await readWorkload(cluster.at(context), app, signal);
    const found = await compared(cluster.at(context), context, expected, workload);
    if (found.length === 0) return found;
    // An old answer shows the world from before our own writes: before somebody is called to look, each object is asked for as it is stored now.
    const stored = cluster.asStored(pathsOf(workload));
    return compared(stored, context, expected, await readWorkload(stored, app, signal));
  });
}

/** What a rollout of this app writes. */
function pathsOf({ namespace, stable, candidate, services }: Workload): ReadonlySet<string> {
  const listed = candidate === undefined ? [] : (annotation(candidate, names.services)?.split(',') ?? []);
  return new Set([
    ...[stable, ...(candidate === undefined ? [] : [candidate])].map(({ metadata }) => paths.deployments(namespace, metadata.name)),
    ...[...services.map(({ metadata }) => metadata.name), ...listed].map((name) => paths.services(namespace, name)),
  ]);
}

async function compared(cluster: Cluster, context: PortContext, expected: Expected, workload: Workload): Promise<readonly Drift[]> {
  const { signal, app } = context;
  const { stable, candidate, roles } = workload;
  const { hash } = revisionOf(workload, stable);
  const foreign = !expected.stable.includes(hash);
  const [replicaSets, services] = await Promise.all([
    foreign ? cluster.api.list<ReplicaSet>(paths.replicaSets(app.namespace), { signal }).then(({ items }) => items) : [],
    candidate !== undefined && annotation(candidate, names.services) !== undefined
      ? cluster.api.list<Service>(paths.services(app.namespace), { signal }).then(({ items }) => items)
      : [],
  ]);
  const before = revisionsOf(workload, replicaSets).find(({ revision }) => expected.stable.includes(revision.hash))?.replicaSet.spec.template;
  const beside = expected.candidate === undefined ? undefined : candidate;
  return [
    ...(foreign ? [templateDrift(stable, before, hash)] : []),
    ...ofDeployment(stable, context.rolloutId),
    ...(expected.candidate !== undefined && beside === undefined && (roles === 'swap' || (await isGone(cluster, context, stable)))
      ? [
          {
            kind: 'gone' as const,
            object: roles === 'keep' ? `Deployment ${candidateName(stable.metadata.name)}` : 'the other colour',
            what: 'its Deployment was deleted',
            field: 'metadata',
            by: 'somebody',
            value: 'none',
          },
        ]
      : []),
    ...(beside === undefined ? [] : [...candidateTemplate(workload, beside, expected), ...ofDeployment(beside, context.rolloutId)]),
    ...(roles === 'keep' ? ofServices(workload, expected, services) : []),
  ];
}

/** The candidate says the release that it was made for; that it still runs it shows by the hash of what was made. */
function candidateTemplate(workload: Workload, candidate: Deployment, expected: Expected): readonly Drift[] {
  const made = annotation(candidate, names.made);
  const now = templateHash(candidate.spec.template, identityOf(workload));
  return made === undefined || made === now || now === expected.candidate ? [] : [templateDrift(candidate, undefined, now)];
}
