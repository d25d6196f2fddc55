import type { KubeObject } from '../lab/index.js';
import { imageIn, isReady, lockedUntil, type Objects } from './objects.js';

// Which holder wrote last differs after a takeover and means nothing for the app; what kubectl applied holds the name of the run's namespace.
const ofTheWriter = new Set(['shepherd.dev/fence', 'shepherd.dev/rollout-id', 'kubectl.kubernetes.io/last-applied-configuration']);
// When it was verified and for whom (a runner that died before it stored anything began nothing), and which pod showed that it is bad, differ from run to run.
const ofTheRun = new Set(['shepherd.dev/verified', 'shepherd.dev/by', 'shepherd.dev/bad']);
// Of the server: new in each run.
const ofTheServer = /^(clusterIP|clusterIPs|nodePort)$/;

// Copies of the Deployment's notes from some time in between, which the Deployment controller leaves when they are gone there.
const ofTheSync = new Set(['shepherd.dev/desired-replicas', 'shepherd.dev/replicas']);

/** A change-cause names rollout and runner (one that died before it stored anything began none), and which of several pods that fail alike was seen first. */
const withoutRun = (value: string): string =>
  value.replace(/ by \S+ rollout=\S+/, ' by somebody').replaceAll(/\b([a-z0-9-]+-[bcdfghjklmnpqrstvwxz0-9]{8,10})-[bcdfghjklmnpqrstvwxz0-9]{5}\b/g, '$1-*');

const annotationsOf = ({ metadata }: KubeObject): object =>
  Object.fromEntries(
    Object.entries(metadata.annotations ?? {})
      .filter(([key]) => !ofTheWriter.has(key))
      .map(([key, value]) => [key, ofTheRun.has(key) ? 'set' : withoutRun(value)])
      .toSorted(([a], [b]) => String(a).localeCompare(String(b))),
  );

const without = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(without)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([key]) => !ofTheServer.test(key))
            .map(([key, each]) => [key, without(each)]),
        )
      : value;

/** What stands in the cluster, in the words in which two runs can be compared. */
export function finalState(objects: Objects): Readonly<Record<string, unknown>> {
  const deployments = objects.list('deployments.apps').map((deployment) => {
    const { replicas, readyReplicas, updatedReplicas } = deployment['status'] ?? {};
    const { name, labels } = deployment.metadata;
    const status = { replicas, readyReplicas, updatedReplicas };
    return [`Deployment ${name}`, { labels, annotations: annotationsOf(deployment), spec: without(deployment['spec']), status }];
  });
  const sets = objects.list('replicasets.apps').map((set) => {
    const owner = set.metadata.ownerReferences?.[0]?.name;
    const annotations = Object.fromEntries(Object.entries(annotationsOf(set)).filter(([key]) => !ofTheSync.has(key)));
    return [`ReplicaSet of ${owner} with ${imageIn(set['spec'].template)}`, { annotations, replicas: set['spec'].replicas }];
  });
  const services = objects
    .list('services')
    .map((service) => [
      `Service ${service.metadata.name}`,
      { labels: service.metadata.labels, annotations: annotationsOf(service), spec: without(service['spec']) },
    ]);
  const pods = objects
    .list('pods')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => `${imageIn(pod)}${isReady(pod) ? '' : ' not ready'}`)
    .toSorted();
  // An empty mailbox says nothing.
  const kept = objects.list('configmaps').filter(({ metadata, data }) => !metadata.name.endsWith('-mailbox') || Object.keys(data ?? {}).length > 0);
  const lockedBy = objects.list('leases.coordination.k8s.io').map((lease) => holderOf(lease, objects.now));
  return {
    ...Object.fromEntries([...deployments, ...sets, ...services]),
    pods,
    ConfigMaps: kept.map(({ metadata }) => metadata.name).toSorted(),
    'locked by': lockedBy,
  };
}

/** Nobody where the lock was given back, or may be taken. */
const holderOf = (lease: KubeObject, now: Date): string => (now.getTime() < lockedUntil([lease]) ? lease['spec'].holderIdentity : 'nobody');
