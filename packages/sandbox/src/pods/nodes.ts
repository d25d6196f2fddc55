import type { KubeObject } from '../api/objects.js';
import type { Node } from './node.js';
import type { PodRunner } from './pod-runner.js';

/** All machines of a sandbox. */
export class Nodes {
  readonly #byName: ReadonlyMap<string, Node>;

  constructor(nodes: readonly Node[]) {
    this.#byName = new Map(nodes.map((node) => [node.name, node]));
  }

  /** @throws RangeError for a name that none has */
  get(name: string): Node {
    const node = this.#byName.get(name);
    if (node === undefined) throw new RangeError(`there is no such node [node=${name}, nodes=${[...this.#byName.keys()].join(',')}]`);
    return node;
  }

  /** When a node that is down was last heard of; `undefined` for one that lives. */
  silentSinceMs(name: string): number | undefined {
    const node = this.#byName.get(name);
    return node?.down === true ? node.heartbeatMs : undefined;
  }

  /** The machine that a pod is bound to. */
  of(pod: KubeObject): Node | undefined {
    return this.#byName.get(pod.spec.nodeName);
  }

  find(pod: KubeObject): PodRunner | undefined {
    return this.of(pod)?.find(pod);
  }

  /** The image of the first container of a pod, also when it is gone. */
  imageOf(pod: string): string | undefined {
    for (const node of this.#byName.values()) {
      const image = node.imageOf(pod);
      if (image !== undefined) return image;
    }
    return undefined;
  }

  close(): void {
    for (const node of this.#byName.values()) node.close();
  }
}
