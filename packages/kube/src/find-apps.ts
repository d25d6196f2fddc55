import { Cluster, translated } from './cluster.js';
import { names } from './names.js';
import { annotation, type Deployment, type Hpa, paths, type Service, selects } from './objects.js';
import type { KubernetesOptions } from './options.js';
import { colourOf, labelsOf } from './workload.js';

/** An app as it stands in a namespace, before anybody released it with Shepherd. */
export interface FoundApp {
  readonly namespace: string;
  /** What a command calls it: of a pair of colours the name of its Service. */
  readonly name: string;
  readonly replicas: number;
  readonly images: readonly string[];
  /** Services that select its pods. */
  readonly services: readonly string[];
  /** Where its readiness probe asks over HTTP. */
  readonly health?: string | undefined;
  /** Container without a readiness probe: traffic would reach it before it is up. */
  readonly unprobed: readonly string[];
  /** An autoscaler moves its replicas. */
  readonly autoscaled: boolean;
  /** The helm release that made it. */
  readonly helmRelease?: string | undefined;
}

/**
 * The Deployments of a namespace that can be released, by name. Reads only.
 * @throws ShepherdError ERR_FORBIDDEN, ERR_UNREACHABLE, ERR_INVALID_OPTIONS for a kubeconfig that is broken or not there
 */
export async function findApps(options: KubernetesOptions & { readonly signal?: AbortSignal | undefined }): Promise<readonly FoundApp[]> {
  const { signal = new AbortController().signal, ...connection } = options;
  const cluster = new Cluster(connection);
  try {
    return await translated({ signal }, 'look for apps', async () => {
      const namespace = await cluster.namespace();
      const [deployments, services, autoscalers] = await Promise.all([
        cluster.api.list<Deployment>(paths.deployments(namespace), { signal }),
        cluster.api.list<Service>(paths.services(namespace), { signal }),
        // Who may not see them can release all the same.
        cluster.api.list<Hpa>(paths.autoscalers(namespace), { signal }).catch(() => ({ items: [] })),
      ]);
      const live = services.items.filter(({ metadata }) => metadata.labels?.[names.preview] === undefined);
      return deployments.items
        .filter((each) => !isOurs(each))
        .map((each) => appOf(each, namespace, live, autoscalers.items))
        .filter((app): app is FoundApp => app !== undefined)
        .toSorted((a, b) => a.name.localeCompare(b.name));
    });
  } finally {
    await cluster.api.close();
  }
}

/** A candidate, or the watchdog. */
const isOurs = ({ metadata }: Deployment): boolean => metadata.labels?.[names.track] === 'candidate' || metadata.name === 'shepherd-watchdog';

function appOf(deployment: Deployment, namespace: string, services: readonly Service[], autoscalers: readonly Hpa[]): FoundApp | undefined {
  const { metadata, spec } = deployment;
  const selecting = services.filter((each) => selects(each.spec.selector, labelsOf(deployment))).map((each) => each.metadata.name);
  // Of a pair of colours the one that serves stands for both.
  const pair = colourOf(metadata.name) !== undefined ? services.find((each) => colourPairOf(metadata.name) === each.metadata.name) : undefined;
  if (pair !== undefined && !selecting.includes(pair.metadata.name)) return undefined;
  const containers = spec.template.spec.containers;
  const health = containers.map(({ readinessProbe }) => readinessProbe?.httpGet?.path).find((path) => path !== undefined);
  const helmRelease = annotation(deployment, 'meta.helm.sh/release-name');
  return {
    namespace,
    name: pair?.metadata.name ?? metadata.name,
    replicas: spec.replicas ?? 1,
    images: containers.map(({ image }) => image ?? ''),
    services: selecting,
    ...(health === undefined ? {} : { health }),
    unprobed: containers.filter(({ readinessProbe }) => readinessProbe === undefined).map(({ name }) => name),
    autoscaled: autoscalers.some(({ spec: { scaleTargetRef: target } }) => target.kind === 'Deployment' && target.name === metadata.name),
    ...(helmRelease === undefined ? {} : { helmRelease }),
  };
}

const colourPairOf = (name: string): string => {
  const colour = colourOf(name)?.[0] ?? '';
  return name.slice(0, -(colour.length + 1));
};
