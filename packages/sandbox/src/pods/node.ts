import type { KubeObject, Objects } from '../api/objects.js';
import { timestamp } from '../api/timestamp.js';
import { EventRecorder } from '../controllers/events.js';
import type { ProcessHost } from './app-process.js';
import type { ImageRegistry } from './image-registry.js';
import { PodRunner } from './pod-runner.js';

/** What each node of a sandbox has for pods. */
export interface NodeSize {
  /** @default '8' */
  readonly cpu?: string | undefined;
  /** @default '32Gi' */
  readonly memory?: string | undefined;
  /** @default 500 */
  readonly pods?: number | undefined;
}

const nodes = 'nodes';
/** How often a kubelet says that it lives. */
const heartbeatMs = 10_000;

const isOver = (pod: KubeObject): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** A machine that runs pods: takes those bound to it, reports on them, ends those that are deleted. It may lose its power and come back. */
export class Node {
  readonly name: string;
  readonly #ip: string;
  readonly #runners = new Map<string, PodRunner>();
  readonly #images = new Map<string, string>();
  readonly #events: EventRecorder;
  readonly #stop: () => void;
  #lastIp = 1;
  #startedMs: number;
  #downSinceMs: number | undefined;

  /** @param number from 1: `node-1` */
  constructor(
    readonly objects: Objects,
    readonly host: ProcessHost,
    readonly images: ImageRegistry,
    size: NodeSize = {},
    private readonly number = 1,
  ) {
    this.name = `node-${number}`;
    this.#ip = `10.${243 + number}.0.1`;
    this.#startedMs = host.scheduler.now();
    this.#events = new EventRecorder(objects, () => host.scheduler.date(), 'kubelet', this.name);
    this.#register(size);
    this.#stop = objects.watch('pods', ({ type, object }) => {
      const { uid } = object.metadata;
      if (type !== 'deleted') return this.#see(object);
      this.#runners.get(uid)?.kill();
      this.#runners.delete(uid);
    });
  }

  /** The last time the kubelet said that it lives. */
  get heartbeatMs(): number {
    const until = this.#downSinceMs ?? this.host.scheduler.now();
    return until - ((until - this.#startedMs) % heartbeatMs);
  }

  get down(): boolean {
    return this.#downSinceMs !== undefined;
  }

  /** Loses its power: all that ran is gone without a word, and nothing is said any more. */
  fail(): void {
    if (this.down) return;
    this.#downSinceMs = this.host.scheduler.now();
    for (const runner of this.#runners.values()) runner.kill();
    this.#runners.clear();
  }

  /** Starts again: what was deleted meanwhile is let go, the other pods start anew with new addresses. */
  recover(): void {
    if (!this.down) return;
    this.#downSinceMs = undefined;
    this.#startedMs = this.host.scheduler.now();
    this.#report();
    for (const pod of this.objects.list('pods')) this.#see(pod);
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

  #see(pod: KubeObject): void {
    const { uid, namespace, name, deletionTimestamp } = pod.metadata;
    const runner = this.#runners.get(uid);
    if (runner !== undefined) runner.see(pod);
    else if (this.down || pod.spec.nodeName !== this.name) return;
    else if (deletionTimestamp !== undefined) this.objects.delete('pods', namespace, name, { grace: 0 });
    else if (!isOver(pod)) {
      this.#images.set(name, pod.spec.containers[0].image);
      const { host, objects, images } = this;
      const podHost = { ...host, settle: () => host.settle(), objects, images, events: this.#events, node: { name: this.name, ip: this.#ip } };
      this.#runners.set(uid, new PodRunner(pod, this.#nextIp(), podHost, () => this.#runners.delete(uid)));
    }
  }

  /** Addresses are used again only after all others, so that an old one is never mistaken for a new pod. */
  #nextIp(): string {
    this.#lastIp += 1;
    return `10.${243 + this.number}.${1 + ((this.#lastIp >> 8) % 254)}.${this.#lastIp & 255}`;
  }

  #register({ cpu = '8', memory = '32Gi', pods = 500 }: NodeSize): void {
    const resources = { cpu, memory, pods: String(pods), 'ephemeral-storage': '100Gi' };
    const labels = { 'kubernetes.io/hostname': this.name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
    const node = this.objects.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: this.name, labels }, spec: {} });
    this.objects.updateStatus(nodes, {
      ...node,
      status: {
        capacity: resources,
        allocatable: resources,
        addresses: [
          { type: 'InternalIP', address: this.#ip },
          { type: 'Hostname', address: this.name },
        ],
        nodeInfo: { kubeletVersion: 'v1.34.0', operatingSystem: 'linux', architecture: 'amd64', containerRuntimeVersion: 'containerd://2.0.0' },
      },
    });
    this.#report();
  }

  /** The kubelet posts that the node is ready. */
  #report(): void {
    const node = this.objects.get(nodes, undefined, this.name);
    if (node === undefined) return;
    const now = timestamp(this.host.scheduler.date());
    const before = node.status.conditions?.find(({ type }: { type: string }) => type === 'Ready');
    const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : now;
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: now };
    this.objects.updateStatus(nodes, { ...node, status: { ...node.status, conditions: [{ ...ready, lastTransitionTime }] } });
  }
}
