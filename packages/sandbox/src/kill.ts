import type { KubeObject, Objects } from './api/objects.js';
import { matchesSelector } from './api/selectors.js';
import { isActive } from './controllers/pod-facts.js';
import type { Nodes } from './pods/nodes.js';

/** Pods of an app of which some are meant. An app is every pod that its Deployment selects. */
export interface PodChoice {
  /** `web`, `shop/web`. */
  readonly app: string;
  /** Only those whose first container has this image. */
  readonly image?: string | undefined;
  /** Picked by the sandbox's seed; all where there are fewer. @default 1 */
  readonly count?: number | undefined;
}

/** How a program ends that is killed. */
export interface Death {
  /** @default 137, as by SIGKILL */
  readonly exitCode?: number | undefined;
  /** @default the first container */
  readonly container?: string | undefined;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** So many of these, by chance. */
export function pick<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const left = [...all];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(random() * left.length), 1)[0] as T);
}

/** The pods of an app that a choice means, as far as they run. */
export function podsOf(objects: Pick<Objects, 'get' | 'list'>, { namespace, name }: Place, image: string | undefined): readonly KubeObject[] {
  const selector = objects.get('deployments.apps', namespace, name)?.spec.selector;
  const isMeant = (pod: KubeObject): boolean => isActive(pod) && (image === undefined || pod.spec.containers[0].image === image);
  return objects.list('pods', namespace).filter((pod) => matchesSelector(selector, pod.metadata.labels) && isMeant(pod));
}

/** Ends a program of each pod. @returns the names of those that had one that ran */
export function killIn(nodes: Nodes, pods: readonly KubeObject[], { exitCode = 137, container }: Death): readonly string[] {
  return pods.filter((pod) => nodes.find(pod)?.find(container)?.die(exitCode) === true).map(({ metadata }) => metadata.name);
}
