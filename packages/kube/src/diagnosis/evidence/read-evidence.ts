import type { EvidenceAsked, PlatformEvidence, PortContext } from '@shepherd/core';
import type { Cluster } from '../../cluster.js';
import { type Budget, type EndpointSlice, type Hpa, type KubeNode, type Pod, paths, type ReplicaSet, type Service } from '../../objects.js';
import type { Quota } from '../../preflight/room.js';
import { readWorkload } from '../../workload.js';
import { Commands } from '../commands.js';
import type { ObjectEvent } from '../notes.js';
import { Reads } from '../reads.js';
import { answerEvidence } from './answers.js';
import { containerEvidence, talkers } from './containers.js';
import { dependencyEvidence } from './dependencies.js';
import { logEvidence } from './logs.js';
import { referenceEvidence } from './references.js';
import { registryEvidence } from './registries.js';
import { serviceEvidence } from './services.js';
import { type PodMetrics, surroundings } from './surroundings.js';
import { workloadEvidence } from './workloads.js';
import type { World } from './world.js';

/**
 * Two rounds of reads, each all at once and each with its own deadline: what there is, then what that points to (logs, ports, ConfigMaps and Secrets,
 * dependencies). What fails is told as `unread`.
 */
export async function* readEvidence(
  cluster: Cluster,
  context: PortContext,
  { dependencies, references = true, registries }: EvidenceAsked,
): AsyncIterable<PlatformEvidence> {
  const { app, clock } = context;
  const { namespace } = app;
  const reads = new Reads(cluster, context);
  const [workload, replicaSets, pods, services, slices, events, nodes, quotas, autoscalers, budgets, metrics] = await Promise.all([
    reads.attempt('Deployment', 'get deployments', undefined, (signal) => readWorkload(cluster, app, signal)),
    reads.list<ReplicaSet>('ReplicaSets', 'list replicasets', paths.replicaSets(namespace)),
    reads.list<Pod>('Pods', 'list pods', paths.pods(namespace)),
    reads.list<Service>('Services', 'list services', paths.services(namespace)),
    reads.list<EndpointSlice>('EndpointSlices', 'list endpointslices', paths.endpointSlices(namespace)),
    reads.list<ObjectEvent>('Events', 'list events', paths.events(namespace)),
    reads.list<KubeNode>('Nodes', 'list nodes', paths.nodes),
    reads.list<Quota>('ResourceQuotas', 'list resourcequotas', paths.quotas(namespace)),
    reads.list<Hpa>('HorizontalPodAutoscalers', 'list horizontalpodautoscalers', paths.autoscalers(namespace)),
    reads.list<Budget>('PodDisruptionBudgets', 'list poddisruptionbudgets', paths.budgets(namespace)),
    reads.optional<readonly PodMetrics[]>(
      'pod metrics',
      'list pods.metrics.k8s.io',
      [],
      async (signal) => (await cluster.api.list<PodMetrics>(paths.podMetrics(namespace), { signal })).items,
    ),
  ]);
  if (workload === undefined) {
    yield* reads.takeUnread();
    return;
  }
  const world: World = { app, now: clock.now(), commands: new Commands(namespace), workload, replicaSets, pods, services, slices, events };
  const containers = containerEvidence(world);
  const routes = serviceEvidence(world, cluster.app(app));
  yield* [...workloadEvidence(world, nodes), ...containers, ...routes, ...surroundings(world, { nodes, quotas, autoscalers, budgets, metrics })];
  const second = [
    ...talkers(containers).map((container) => logEvidence(reads, world, container)),
    answerEvidence(reads, world, containers, routes),
    referenceEvidence(reads, world, references),
    dependencyEvidence(reads, world, dependencies),
    ...(registries === undefined ? [] : [registryEvidence(reads, containers, registries)]),
  ];
  for (const evidence of await Promise.all<readonly PlatformEvidence[]>(second)) yield* evidence;
  yield* reads.takeUnread();
}
