import type { Diagnosis, EvidenceAsked, PlatformEvidence, PlatformNote, PodLog, PodState, PortContext, TrackName } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { type Deployment, type KubeNode, type Pod, paths, type ReplicaSet } from '../objects.js';
import { together } from '../tracks/together.js';
import { candidateName, readWorkload, type Workload } from '../workload.js';
import { readEvidence } from './evidence/read-evidence.js';
import { isOf, notesOf, type ObjectEvent } from './notes.js';
import { podLogs } from './pod-logs.js';
import { podStates } from './pod-state.js';

/** Looks at the Deployments of an app, whatever colours they have. */
export class KubeDiagnosis implements Diagnosis {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Who may not read nodes knows nothing of them. */
  async nodes({ signal }: PortContext): Promise<{ readonly ready: number; readonly of: number } | undefined> {
    try {
      const { items } = await this.#cluster.api.list<KubeNode>(paths.nodes, { signal });
      const isReady = ({ status }: KubeNode): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
      return { ready: items.filter(isReady).length, of: items.length };
    } catch (error) {
      if (KubeError.is(error, 403)) return undefined;
      return translated({ signal }, 'read the nodes', () => Promise.reject(error));
    }
  }

  async *pods(context: PortContext): AsyncIterable<readonly PodState[]> {
    const { app } = context;
    // Who stops reading early must not leave the lists behind it open.
    const left = new AbortController();
    const signal = AbortSignal.any([context.signal, left.signal]);
    const { api } = this.#cluster;
    try {
      let workload = await readWorkload(this.#cluster, app, signal);
      const lists = together<{ deployments: readonly Deployment[]; replicaSets: readonly ReplicaSet[]; pods: readonly Pod[] }>(
        {
          deployments: api.follow<Deployment>(paths.deployments(app.namespace), { signal }),
          replicaSets: api.follow<ReplicaSet>(paths.replicaSets(app.namespace), { signal }),
          pods: api.follow<Pod>(paths.pods(app.namespace), { signal }),
        },
        signal,
      );
      for await (const seen of lists) {
        // A pair changes roles when its Service is switched.
        if (workload.roles === 'swap') workload = await readWorkload(this.#cluster, app, signal);
        yield podStates(seen, tracksOf(workload));
      }
    } catch (error) {
      if (!signal.aborted) await translated(context, `watch the pods of ${app.name}`, () => Promise.reject(error));
    } finally {
      left.abort();
    }
  }

  notes(context: PortContext, since: string | undefined): Promise<readonly PlatformNote[]> {
    const { app, signal } = context;
    return translated(context, `read the events of ${app.name}`, async () => {
      const workload = await readWorkload(this.#cluster, app, signal);
      const { items } = await this.#cluster.api.list<ObjectEvent>(paths.events(app.namespace), { signal });
      const services = [...workload.services, ...workload.previews].map((service) => ({ ...service, kind: 'Service' }));
      return notesOf(items, since, isOf([...tracksOf(workload).keys()], services));
    });
  }

  logs(context: PortContext, { lines }: { readonly lines: number }): Promise<readonly PodLog[]> {
    return translated(context, `read the logs of ${context.app.name}`, () => podLogs(this.#cluster, context, lines));
  }

  read(context: PortContext, asked: EvidenceAsked): AsyncIterable<PlatformEvidence> {
    return readEvidence(this.#cluster, context, asked);
  }
}

/** A candidate that is not there yet may come. */
function tracksOf({ stable, candidate, roles }: Workload): ReadonlyMap<string, TrackName> {
  const beside = candidate?.metadata.name ?? (roles === 'keep' ? candidateName(stable.metadata.name) : undefined);
  return new Map<string, TrackName>([[stable.metadata.name, 'stable'], ...(beside === undefined ? [] : [[beside, 'candidate'] as const])]);
}
