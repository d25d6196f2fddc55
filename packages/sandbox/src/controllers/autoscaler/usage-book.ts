import type { KubeObject, Objects } from '../../api/objects.js';
import { isReady } from '../../api/pod-ready.js';
import { quantityToNumber } from '../../api/quantity.js';
import { matchesSelector } from '../../api/selectors.js';
import { isActive } from '../pod-facts.js';

/** What pods use, as a metrics server would report it. */
export interface Usage {
  /** `400m`. */
  readonly cpu?: string | undefined;
  /** `200Mi`. */
  readonly memory?: string | undefined;
  /** `pod`: each pod uses this much. `app`: so much in all, in equal parts on the pods that are ready, as load behind a Service is. @default 'pod' */
  readonly of?: 'pod' | 'app' | undefined;
}

interface Note {
  readonly namespace: string;
  readonly name: string;
  readonly usage: Usage;
}

/** The usage that was scripted, by app. An app is the pods that its Deployment selects, those of a candidate with the same labels too. */
export class UsageBook {
  readonly #notes = new Map<string, Note>();

  constructor(readonly objects: Pick<Objects, 'get' | 'list'>) {}

  /** `undefined`: from now on nothing is known of the app's pods. @throws RangeError for what is no quantity */
  set(namespace: string, name: string, usage: Usage | undefined): void {
    const key = `${namespace}/${name}`;
    if (usage === undefined) {
      this.#notes.delete(key);
      return;
    }
    for (const quantity of [usage.cpu, usage.memory]) if (quantity !== undefined) quantityToNumber(quantity);
    this.#notes.set(key, { namespace, name, usage });
  }

  /** No app has any: there is no metrics server, as far as anyone can tell. */
  get isEmpty(): boolean {
    return this.#notes.size === 0;
  }

  /** In thousandths of the resource's unit, as an autoscaler reckons; `undefined` where nothing is known. */
  milliOf(pod: KubeObject, resource: string): number | undefined {
    for (const { namespace, name, usage } of this.#notes.values()) {
      const quantity = resource === 'cpu' ? usage.cpu : resource === 'memory' ? usage.memory : undefined;
      if (quantity === undefined || namespace !== pod.metadata.namespace) continue;
      const selector = this.objects.get('deployments.apps', namespace, name)?.spec.selector;
      if (!matchesSelector(selector, pod.metadata.labels)) continue;
      const milli = quantityToNumber(quantity) * 1_000;
      if (usage.of !== 'app') return Math.ceil(milli);
      if (!isReady(pod)) return 0;
      const sharers = this.objects.list('pods', namespace).filter((one) => matchesSelector(selector, one.metadata.labels) && isActive(one) && isReady(one));
      return Math.ceil(milli / Math.max(1, sharers.length));
    }
    return undefined;
  }
}
