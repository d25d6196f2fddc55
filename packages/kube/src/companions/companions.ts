import type { Finding, PortContext, WriteContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, checkFence } from '../cluster.js';
import { names } from '../names.js';
import { type Hpa, type Pod, paths, type ReplicaSet, type Service } from '../objects.js';
import { mayWrite } from '../preflight/access.js';
import type { Workload } from '../workload.js';
import { boundsOf, type ConfigObject, contentHash, contentOf, copyManifest, editedAt, type Kept, type KeptConfig, keptOf, withOwner } from './kept.js';
import { type ConfigRef, configRefs } from './refs.js';

/** A revision as the cluster holds it. */
export interface Held {
  readonly hash: string;
  readonly replicaSet: ReplicaSet;
}

/** What a revision had beside its template and has to have again. */
export interface Companions {
  /** Cannot be had any more. */
  readonly missing: readonly string[];
  /** Was not kept: it will be as it is now. */
  readonly unkept: readonly string[];
  /** Was kept and is otherwise now, and we may not write it. */
  readonly barred: readonly string[];
  /** Was kept and is otherwise now. */
  readonly differs: readonly string[];
  /** Will be put back. */
  readonly changes: readonly string[];
  readonly config: readonly { readonly kept: KeptConfig; readonly copy: ConfigObject; readonly now: ConfigObject | undefined }[];
  readonly hpa: { readonly now: Hpa; readonly to: NonNullable<Kept['hpa']> } | undefined;
  readonly services: readonly { readonly now: Service; readonly to: Kept['services'][number] }[];
}

const pathOf = (kind: ConfigRef['kind'], namespace: string, name?: string): string =>
  (kind === 'ConfigMap' ? paths.configMaps : paths.secrets)(namespace, name);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Undefined: it is not there. */
async function ifAllowed<T extends KubeObject>(cluster: Cluster, path: string, signal: AbortSignal): Promise<T | 'forbidden' | undefined> {
  try {
    return await cluster.find<T>(path, signal);
  } catch (error) {
    if (KubeError.is(error, 403)) return 'forbidden';
    throw error;
  }
}

async function hpaOf(cluster: Cluster, { stable, namespace }: Workload, signal: AbortSignal): Promise<Hpa | undefined> {
  try {
    const { items } = await cluster.api.list<Hpa>(paths.autoscalers(namespace), { signal });
    return items.find(({ spec: { scaleTargetRef } }) => scaleTargetRef.name === stable.metadata.name && (scaleTargetRef.kind ?? 'Deployment') === 'Deployment');
  } catch (error) {
    if (KubeError.is(error, 403) || KubeError.is(error, 404)) return undefined;
    throw error;
  }
}

/**
 * Keeps what a revision runs with: copies of its ConfigMaps and Secrets, the bounds of its autoscaler, the ports of its Services. What was kept before stays where
 * it was changed after the revision's pods started: it is what they run with, and the change belongs to what comes next. Bears a repeat.
 */
export async function keep(cluster: Cluster, context: WriteContext, workload: Workload, { hash, replicaSet }: Held): Promise<void> {
  const { signal, app } = context;
  const before = keptOf(replicaSet, hash);
  const oldest = await oldestPod(cluster, replicaSet, signal);
  // In the same second nobody knows: then what was kept stays.
  const isOld = (now: KubeObject): boolean => oldest === undefined || editedAt(now) < oldest;
  const isNew = (now: KubeObject): boolean => oldest !== undefined && editedAt(now) > oldest;
  const config: KeptConfig[] = [];
  for (const ref of configRefs(replicaSet.spec.template)) {
    const known = before?.config.find(({ kind, name }) => kind === ref.kind && name === ref.name);
    const now = await ifAllowed<ConfigObject>(cluster, pathOf(ref.kind, app.namespace, ref.name), signal);
    if (now === undefined || now === 'forbidden' || (known !== undefined && (known.hash === contentHash(now) || !isOld(now)))) {
      if (known !== undefined) config.push(known);
      continue;
    }
    // Changed after the pods started, and nobody kept what was there before: what this revision runs with is not known.
    if (isNew(now)) continue;
    const copy = await copied(cluster, context, copyManifest(ref, now, app.name, replicaSet), ref, replicaSet);
    if (copy !== undefined) config.push({ ...ref, copy: copy.metadata.name, hash: contentHash(now) });
  }
  const hpa = await hpaOf(cluster, workload, signal);
  // Held by a rollout it says nothing of how it should be.
  const bounds =
    hpa === undefined || hpa.metadata.annotations?.[names.original] !== undefined || (before?.hpa !== undefined && !isOld(hpa)) ? before?.hpa : boundsOf(hpa);
  const services = workload.services.map((service) => {
    const known = before?.services.find(({ name }) => name === service.metadata.name);
    return known !== undefined && !isOld(service) ? known : { name: service.metadata.name, ports: service.spec.ports ?? [] };
  });
  const kept: Kept = {
    of: hash,
    config: config.map(({ kind, name, copy, hash: content }) => ({ kind, name, copy, hash: content })),
    ...(bounds === undefined ? {} : { hpa: bounds }),
    services,
  };
  if (same(kept, before)) return;
  const path = paths.replicaSets(app.namespace, replicaSet.metadata.name);
  await cluster.change(context, path, () => ({ metadata: { annotations: { [names.kept]: JSON.stringify(kept) } } }));
}

/** When the oldest pod of a revision that is there now was made, ms. */
async function oldestPod(cluster: Cluster, { metadata, spec }: ReplicaSet, signal: AbortSignal): Promise<number | undefined> {
  if ((spec.replicas ?? 0) === 0) return undefined;
  const { items } = await cluster.api.list<Pod>(paths.pods(metadata.namespace ?? 'default'), { signal });
  const own = items.filter((pod) => (pod.metadata.ownerReferences ?? []).some(({ uid }) => uid === metadata.uid));
  return own.length === 0 ? undefined : Math.min(...own.map((pod) => Date.parse(pod.metadata.creationTimestamp ?? '')));
}

/** Made, or there already for another revision. Undefined: we may not. */
async function copied(
  cluster: Cluster,
  context: WriteContext,
  manifest: ConfigObject,
  ref: ConfigRef,
  replicaSet: ReplicaSet,
): Promise<ConfigObject | undefined> {
  const { signal, app } = context;
  try {
    return await cluster.api.create<ConfigObject>(pathOf(ref.kind, app.namespace), manifest, { signal });
  } catch (error) {
    if (KubeError.is(error, 403)) return undefined;
    if (!KubeError.is(error, 409)) throw error;
  }
  const path = pathOf(ref.kind, app.namespace, manifest.metadata.name);
  const there = await cluster.find<ConfigObject>(path, signal);
  if (there === undefined || contentHash(there) !== contentHash(manifest)) return undefined;
  if (withOwner(there, replicaSet) === undefined) return there;
  try {
    return await cluster.change<ConfigObject>(context, path, (copy) => withOwner(copy, replicaSet), { type: 'merge' });
  } catch (error) {
    // Not ours to count on: it goes with the revisions that own it.
    if (KubeError.is(error, 403)) return undefined;
    throw error;
  }
}

/** What going back to a revision means for what it had beside its template. Reads only. */
export async function companionsOf(cluster: Cluster, context: PortContext, workload: Workload, { hash, replicaSet }: Held): Promise<Companions> {
  const { signal, app } = context;
  const { namespace } = app;
  const kept = keptOf(replicaSet, hash);
  const missing: string[] = [];
  const unkept: string[] = [];
  const barred: string[] = [];
  const changes: string[] = [];
  const differs: string[] = [];
  const config: Companions['config'][number][] = [];
  for (const ref of configRefs(replicaSet.spec.template)) {
    const object = `${ref.kind} ${ref.name}`;
    const entry = kept?.config.find(({ kind, name }) => kind === ref.kind && name === ref.name);
    const now = await ifAllowed<ConfigObject>(cluster, pathOf(ref.kind, namespace, ref.name), signal);
    if (now === 'forbidden') {
      unkept.push(object);
      continue;
    }
    if (entry !== undefined && now !== undefined && contentHash(now) === entry.hash) continue;
    const copy = entry === undefined ? undefined : await ifAllowed<ConfigObject>(cluster, pathOf(ref.kind, namespace, entry.copy), signal);
    const whole = copy !== undefined && copy !== 'forbidden' && contentHash(copy) === entry?.hash;
    if (entry !== undefined && whole && now?.immutable !== true) {
      // A ConfigMap that may be read may be written as well: the journal is one.
      if (ref.kind === 'Secret' && !(await mayWrite(cluster, context, ['', 'secrets'], now === undefined ? 'create' : 'patch'))) {
        if (now === undefined && !ref.optional) missing.push(object);
        else barred.push(object);
        continue;
      }
      config.push({ kept: entry, copy, now });
      differs.push(object);
      changes.push(`${object} goes back to what this revision ran with (${entry.hash})`);
    } else if (now !== undefined) unkept.push(object);
    else if (!ref.optional) missing.push(object);
  }
  const hpa = kept?.hpa === undefined ? undefined : await hpaOf(cluster, workload, signal);
  const to = kept?.hpa;
  // Below what runs now no bound is put: that would take pods that are needed.
  const live = workload.stable.spec.replicas ?? 1;
  const bounds = hpa === undefined || to === undefined || hpa.metadata.name !== to.name ? undefined : { ...to, min: to.min, max: Math.max(to.max, live) };
  const moves = hpa !== undefined && bounds !== undefined && !same(boundsOf(hpa), bounds) ? { now: hpa, to: bounds } : undefined;
  if (moves !== undefined) changes.push(`HorizontalPodAutoscaler ${moves.to.name} goes back to ${moves.to.min} to ${moves.to.max} pods`);
  const services = (kept?.services ?? []).flatMap((each) => {
    const now = workload.services.find(({ metadata }) => metadata.name === each.name);
    return now === undefined || same(now.spec.ports ?? [], each.ports) ? [] : [{ now, to: each }];
  });
  changes.push(...services.map((each) => `the ports of Service ${each.to.name} go back; where they are numbers, requests may fail while the pods change`));
  return { missing, unkept, barred, differs, changes, config, hpa: moves, services };
}

/** As findings for the plan. Pure. */
export const findingsOf = ({ unkept, barred }: Companions): readonly Finding[] => [
  ...unkept.map(
    (object): Finding => ({
      id: 'config-not-kept',
      level: 'warning',
      object,
      message: `${object} is not known as this revision had it: its pods start with what is there now`,
      fix: 'compare it by hand; what a revision runs with is kept from its first release by Shepherd on',
    }),
  ),
  ...barred.map(
    (object): Finding => ({
      id: 'config-not-kept',
      level: 'warning',
      object,
      message: `not allowed to write ${object}: what this revision ran with is kept, and its pods start with what is there now`,
      fix: 'allow create and patch on secrets (shepherd rbac --for config), then roll back again',
    }),
  ),
];

/** Puts config back before the template is: what starts reads it. Absolute writes, so that a repeat changes nothing. @throws ShepherdError ERR_LOCK_LOST */
export async function putBackConfig(cluster: Cluster, context: WriteContext, { config }: Companions): Promise<void> {
  const { signal, app } = context;
  for (const { kept, copy, now } of config) {
    const path = pathOf(kept.kind, app.namespace, kept.name);
    if (now === undefined) {
      checkFence(context, copy);
      const manifest = { apiVersion: 'v1', kind: kept.kind, metadata: { name: kept.name, namespace: app.namespace }, ...contentOf(copy) };
      await cluster.api.create<ConfigObject>(pathOf(kept.kind, app.namespace), manifest, { signal });
      continue;
    }
    const { data = {}, binaryData } = copy;
    await cluster.change<ConfigObject>(context, path, (current) =>
      contentHash(current) === kept.hash
        ? undefined
        : [
            { op: 'add', path: '/data', value: data },
            ...(binaryData !== undefined
              ? [{ op: 'add', path: '/binaryData', value: binaryData }]
              : current.binaryData === undefined
                ? []
                : [{ op: 'remove', path: '/binaryData' }]),
          ],
    );
  }
}

/** Bounds of the autoscaler and ports of Services, once the template is written. @throws ShepherdError ERR_LOCK_LOST */
export async function putBackSettings(cluster: Cluster, context: WriteContext, { hpa, services }: Companions): Promise<void> {
  const { namespace } = context.app;
  if (hpa !== undefined) {
    const { min, max, name } = hpa.to;
    await cluster.change<Hpa>(context, paths.autoscalers(namespace, name), () => ({ spec: { minReplicas: min, maxReplicas: max } }));
  }
  for (const { to } of services)
    await cluster.change<Service>(context, paths.services(namespace, to.name), () => [{ op: 'replace', path: '/spec/ports', value: to.ports }]);
}
