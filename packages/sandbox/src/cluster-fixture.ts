import type { Clock } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { createObjects } from './api/create-objects.js';
import type { KubeObject, NewObject, Objects } from './api/objects.js';
import { Cluster, type ClusterOptions } from './cluster.js';

/** A cluster for tests, on virtual time unless told otherwise, with the words that tests use. Starts with images `web:1` and `web:2`. */
export class TestCluster {
  readonly clock: Clock;
  readonly objects: Objects;
  readonly cluster: Cluster;
  readonly #virtual = new VirtualClock({ auto: true });

  constructor(options: Partial<ClusterOptions> = {}) {
    this.clock = options.clock ?? this.#virtual;
    this.objects = options.objects ?? createObjects({ clock: this.clock });
    this.cluster = new Cluster({ sockets: false, ...options, objects: this.objects, clock: this.clock });
    this.cluster.images.set('web:1', {});
    this.cluster.images.set('web:2', {});
  }

  deployment(name = 'web'): KubeObject {
    return this.objects.get('deployments.apps', 'default', name) as KubeObject;
  }

  sets(): KubeObject[] {
    return this.objects.list('replicasets.apps', 'default').toSorted((a, b) => revision(a) - revision(b));
  }

  pods(): KubeObject[] {
    return [...this.objects.list('pods', 'default')];
  }

  pod(name: string): KubeObject {
    return this.objects.get('pods', 'default', name) as KubeObject;
  }

  events(reason: string): string[] {
    return this.objects
      .list('events', 'default')
      .filter((event) => event.reason === reason)
      .map((event) => event.message);
  }

  /** `spec.replicas` by revision. */
  sizes(): string {
    return this.sets()
      .map((set) => `${set.metadata.annotations?.['deployment.kubernetes.io/revision']}:${set.spec.replicas}`)
      .join(' ');
  }

  /** A Deployment and a Service with a container `web`; `change` edits the Deployment before it is stored. */
  install(replicas: number, change: (deployment: NewObject) => void = () => undefined): void {
    const labels = { app: 'web' };
    const readinessProbe = { httpGet: { path: '/api/health', port: 'http' }, periodSeconds: 1 };
    const container = { name: 'web', image: 'web:1', ports: [{ name: 'http', containerPort: 5000 }], readinessProbe };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', labels },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
    };
    change(deployment);
    this.objects.create('deployments.apps', deployment);
    this.objects.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    });
  }

  /** A pod on its own, of one container `web`. */
  run(name: string, container: object = {}, spec: object = {}): void {
    const base = { name: 'web', image: 'web:1' };
    this.objects.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ ...base, ...container }], ...spec },
    });
  }

  /** Edits a Deployment as a client would. */
  edit(change: (deployment: KubeObject) => void): void {
    const copy = structuredClone(this.deployment());
    change(copy);
    this.objects.update('deployments.apps', copy);
  }

  release(image: string): void {
    this.edit((deployment) => {
      deployment.spec.template.spec.containers[0].image = image;
    });
  }

  /** Resolves at the first moment at which this is so. @throws Error after `limitMs` of virtual time */
  async until(what: () => boolean, limitMs = 120_000): Promise<void> {
    const endMs = this.clock.monotonicMs() + limitMs;
    while (!what()) {
      if (this.clock.monotonicMs() > endMs) throw new Error(`it did not happen within ${limitMs} ms: ${what}`);
      await this.clock.sleep(10);
    }
  }

  /** All pods are of the newest template, available, and no other is left. */
  rolledOut(): boolean {
    const { metadata, spec, status } = this.deployment();
    return (
      status?.observedGeneration === metadata.generation &&
      status.replicas === spec.replicas &&
      status.updatedReplicas === spec.replicas &&
      status.availableReplicas === spec.replicas
    );
  }

  condition(type: string): { status: string; reason: string; message: string } | undefined {
    return this.deployment().status?.conditions?.find((condition: { type: string }) => condition.type === type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close();
    this.#virtual[Symbol.dispose]();
  }
}

const revision = (set: KubeObject): number => Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
