import type { Finding, PlanNeeds, PortContext, WriteContext } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { type Deployment, type Hpa, type PodTemplate, paths, type Service } from '../objects.js';
import { candidateManifest, otherColour, previewManifest } from '../releases/candidate.js';
import { stateName } from '../state/object-name.js';
import { labelsOf, type Workload } from '../workload.js';

interface Write {
  /** `create Deployment web-candidate`. */
  readonly what: string;
  readonly object: string;
  send(): Promise<unknown>;
}

interface Input {
  readonly workload: Workload;
  /** What the release makes of the template; its own write was tried when it was read. */
  readonly template: PodTemplate;
  readonly needs: PlanNeeds;
  /** Those that the plan holds. */
  readonly autoscalers: readonly Hpa[];
}

const dryRun = { dryRun: 'All' } as const;

/** The server's own word on every write of the plan, without one of them being stored (KC PF-2). What is forbidden by RBAC is said as a missing right. */
export function dryRunFindings(cluster: Cluster, context: PortContext, input: Input): Promise<readonly Finding[]> {
  return translated(context, `try the writes of a release of ${context.app.name}`, async () => {
    const found = await Promise.all(writesOf(cluster, context, input).map((write) => tried(write)));
    return found.flat();
  });
}

async function tried({ what, object, send }: Write): Promise<readonly Finding[]> {
  try {
    await send();
    return [];
  } catch (error) {
    if (!KubeError.is(error)) throw error;
    // RBAC, which is asked about verb by verb; quotas, PodSecurity and webhooks say 403 too, in other words.
    // What is there already is ours to patch.
    if (error.status === 404 || error.status === 409 || (error.status === 403 && /cannot \w+ resource/.test(error.message))) return [];
    if (error.status === 0 || error.status >= 500) throw error;
    return [
      {
        id: 'dry-run',
        level: 'error',
        object,
        message: `the server refuses to ${what}: ${error.message}`,
        fix: 'correct what it objects to; nothing was stored',
      },
    ];
  }
}

function writesOf(cluster: Cluster, context: PortContext, { workload, template, needs, autoscalers }: Input): readonly Write[] {
  const { api } = cluster;
  const { signal } = context;
  const { namespace, stable, services } = workload;
  const as: WriteContext = { ...context, rolloutId: 'preflight', fence: 0 };
  const patch = (kind: string, path: string, name: string, body: object, what: string): Write => ({
    what: `${what} ${kind} ${name}`,
    object: `${kind} ${name}`,
    send: () => api.patch(path, 'strategic', body, { signal, query: dryRun }),
  });
  const create = (kind: string, path: string, name: string, body: object): Write => ({
    what: `create ${kind} ${name}`,
    object: `${kind} ${name}`,
    send: () => api.create(path, body, { signal, query: dryRun }),
  });
  const state = stateName(workload.name);
  const scale = patch(
    'Deployment',
    paths.deployments(namespace, stable.metadata.name),
    stable.metadata.name,
    { spec: { replicas: stable.spec.replicas ?? 1 } },
    'scale',
  );
  const marks = services.map((service) =>
    patch('Service', paths.services(namespace, service.metadata.name), service.metadata.name, { spec: { selector: service.spec.selector ?? {} } }, 'switch'),
  );
  const pod = create('Pod', paths.pods(namespace), `of ${stable.metadata.name}`, podOf(template, stable));
  const candidates = needs.candidate ? candidateWrites(create, as, { workload, template, needs, autoscalers }) : [];
  const holds = autoscalers.map(({ metadata, spec }) =>
    patch('HorizontalPodAutoscaler', paths.autoscalers(namespace, metadata.name), metadata.name, { spec: { minReplicas: spec.minReplicas ?? 1 } }, 'hold'),
  );
  const journal = create('ConfigMap', paths.configMaps(namespace), state, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: state }, data: {} });
  const lease = create('Lease', paths.leases(namespace), state, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: state }, spec: {} });
  // Of an app that is not there yet nothing can be patched.
  const inPlace = stable.metadata.uid === undefined ? [] : [scale, ...marks, ...holds];
  return [journal, lease, ...inPlace, ...candidates, pod];
}

function candidateWrites(
  create: (kind: string, path: string, name: string, body: object) => Write,
  context: WriteContext,
  { workload, template, needs }: Input,
): readonly Write[] {
  const { namespace, stable, candidate, services, name } = workload;
  // One that is there is taken away first, or is a pair's other colour, which is patched.
  if (candidate !== undefined) return [];
  const input = { workload, template, replicas: stable.spec.replicas ?? 1, hash: 'preflight', context };
  const manifest = (workload.roles === 'swap' ? otherColour(input) : candidateManifest({ ...input, isolated: needs.isolated ?? false })) as Deployment;
  const labels = labelsOf(manifest);
  const preview = (service: Service): Write => {
    const selector = Object.fromEntries(Object.keys(service.spec.selector ?? {}).map((key) => [key, labels[key] ?? '']));
    const body = previewManifest(service, selector, name, context) as Service;
    return create('Service', paths.services(namespace), body.metadata.name, body);
  };
  return [
    create('Deployment', paths.deployments(namespace), manifest.metadata.name, manifest),
    ...(needs.isolated === true && workload.roles === 'keep' ? services.map(preview) : []),
  ];
}

/** A dry run of a Deployment admits no pods: quota, LimitRange and PodSecurity speak at the pod (KC WR-6). For who may create pods. */
const podOf = (template: PodTemplate, { metadata }: Deployment): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: `${metadata.name}-preflight-`, labels: template.metadata?.labels ?? {}, annotations: template.metadata?.annotations ?? {} },
  spec: template.spec,
});
