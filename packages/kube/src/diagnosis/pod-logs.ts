import type { PodLog, PortContext } from '@shepherd/core';
import type { Cluster } from '../cluster.js';
import { type Pod, paths, type ReplicaSet } from '../objects.js';
import { redact } from '../ready/redact.js';
import { readWorkload } from '../workload.js';
import { Commands } from './commands.js';
import { isLeaving, nameOf, ownPods } from './evidence/world.js';
import { Reads } from './reads.js';

const limitBytes = 65_536;
const most = 50;

/** The last lines of each running container of the app's pods, of every track. What may not be read, or does not come in time, is told. */
export async function podLogs(cluster: Cluster, context: PortContext, lines: number): Promise<readonly PodLog[]> {
  const { app, signal, clock } = context;
  const { namespace } = app;
  const [workload, { items: replicaSets }, { items: pods }] = await Promise.all([
    readWorkload(cluster, app, signal),
    cluster.api.list<ReplicaSet>(paths.replicaSets(namespace), { signal }),
    cluster.api.list<Pod>(paths.pods(namespace), { signal }),
  ]);
  const world = { app, now: clock.now(), commands: new Commands(namespace), workload, replicaSets, pods, services: [], slices: [], events: [] };
  const containers = ownPods(world)
    .filter(({ pod }) => !isLeaving(pod))
    .flatMap(({ pod }) =>
      (pod.status?.containerStatuses ?? []).filter(({ state }) => state?.running !== undefined).map(({ name }) => ({ pod: nameOf(pod), container: name })),
    );
  return Promise.all(containers.slice(0, most).map(({ pod, container }) => readLog(cluster, context, { pod, container, lines })));
}

async function readLog(
  cluster: Cluster,
  context: PortContext,
  { pod, container, lines }: { readonly pod: string; readonly container: string; readonly lines: number },
): Promise<PodLog> {
  const reads = new Reads(cluster, context);
  const { namespace } = context.app;
  const answer = await reads.attempt(`log of Pod ${pod}`, 'get pods/log', undefined, (signal) =>
    cluster.api.raw('GET', `${paths.pods(namespace, pod)}/log`, {
      signal,
      query: { container, tailLines: String(lines), limitBytes: String(limitBytes) },
    }),
  );
  if (answer?.status === 200) {
    const told = answer.text.split('\n').filter((line) => line !== '');
    return { pod, container, lines: told.slice(-lines).map((line) => redact(line)) };
  }
  const why = answer === undefined ? 'no answer' : answer.status === 403 ? 'not allowed to get pods/log' : `answered ${answer.status}`;
  return { pod, container, lines: [], unread: why };
}
