import type { KubeObject, Objects } from '../api/objects.js';
import { EventRecorder } from '../controllers/events.js';
import { timestamp } from '../controllers/selector.js';
import type { ProcessHost } from './app-process.js';
import type { ImageRegistry } from './image-registry.js';
import { PodRunner } from './pod-runner.js';

/** What the one node of a sandbox has for pods. */
export interface NodeSize {
  /** @default '8' */
  readonly cpu?: string | undefined;
  /** @default '32Gi' */
  readonly memory?: string | undefined;
  /** @default 500 */
  readonly pods?: number | undefined;
}

export const nodeName = 'node-1';
const nodeIp = '10.244.0.1';

/** The machine that runs the pods: takes those bound to it, reports on them, ends those that are deleted. */
export class Node {
  readonly #runners = new Map<string, PodRunner>();
  readonly #images = new Map<string, string>();
  readonly #stop: () => void;
  #lastIp = 1;

  constructor(
    readonly objects: Objects,
    readonly host: ProcessHost,
    readonly images: ImageRegistry,
    size: NodeSize = {},
  ) {
    const events = new EventRecorder(objects, () => host.scheduler.date(), 'kubelet', nodeName);
    this.#register(size);
    const podHost = { ...host, settle: () => host.settle(), objects, images, events, node: { name: nodeName, ip: nodeIp } };
    this.#stop = objects.watch('pods', ({ type, object }) => {
      const { uid } = object.metadata;
      const runner = this.#runners.get(uid);
      if (type === 'deleted') {
        this.#runners.delete(uid);
        runner?.kill();
      } else if (runner !== undefined) runner.see(object);
      else if (object.spec.nodeName === nodeName && object.metadata.deletionTimestamp === undefined) {
        this.#images.set(object.metadata.name, object.spec.containers[0].image);
        this.#runners.set(uid, new PodRunner(object, this.#nextIp(), podHost, () => this.#runners.delete(uid)));
      } else if (object.spec.nodeName === nodeName) objects.delete('pods', object.metadata.namespace, object.metadata.name, { grace: 0 });
    });
  }

  /** Ends all pods at once. */
  close(): void {
    this.#stop();
    for (const runner of this.#runners.values()) runner.kill();
    this.#runners.clear();
  }

  /** The image of the first container of a pod, also when it is gone. */
  imageOf(pod: string): string | undefined {
    return this.#images.get(pod);
  }

  find(pod: KubeObject): PodRunner | undefined {
    return this.#runners.get(pod.metadata.uid);
  }

  /** Addresses are used again only after all others, so that an old one is never mistaken for a new pod. */
  #nextIp(): string {
    this.#lastIp += 1;
    return `10.244.${1 + ((this.#lastIp >> 8) % 254)}.${this.#lastIp & 255}`;
  }

  #register({ cpu = '8', memory = '32Gi', pods = 500 }: NodeSize): void {
    const now = timestamp(this.host.scheduler.date());
    const resources = { cpu, memory, pods: String(pods), 'ephemeral-storage': '100Gi' };
    const labels = { 'kubernetes.io/hostname': nodeName, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
    const node = this.objects.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels }, spec: {} });
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
    this.objects.updateStatus('nodes', {
      ...node,
      status: {
        capacity: resources,
        allocatable: resources,
        addresses: [
          { type: 'InternalIP', address: nodeIp },
          { type: 'Hostname', address: nodeName },
        ],
        conditions: [{ ...ready, lastHeartbeatTime: now, lastTransitionTime: now }],
        nodeInfo: { kubeletVersion: 'v1.34.0', operatingSystem: 'linux', architecture: 'amd64', containerRuntimeVersion: 'containerd://2.0.0' },
      },
    });
  }
}
