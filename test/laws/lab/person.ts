import type { Sandbox } from '@shepherd/sandbox';
import type { Place } from './witness.js';

const attempts = 50;

/** Somebody with kubectl, who tries again when the API has a fault. */
export class Person {
  readonly #sandbox: Sandbox;
  readonly #place: Place;
  readonly #token: string;

  constructor(sandbox: Sandbox, place: Place) {
    this.#sandbox = sandbox;
    this.#place = place;
    this.#token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  }

  scale(replicas: number): Promise<void> {
    return this.#send('PATCH', `/apis/apps/v1/namespaces/${this.#place.namespace}/deployments/${this.#place.name}/scale`, { spec: { replicas } });
  }

  patchDeployment(body: object, name = this.#place.name): Promise<void> {
    return this.#send('PATCH', `/apis/apps/v1/namespaces/${this.#place.namespace}/deployments/${name}`, body);
  }

  patchService(body: object): Promise<void> {
    return this.#send('PATCH', `/api/v1/namespaces/${this.#place.namespace}/services/${this.#place.name}`, body);
  }

  deleteDeployment(name: string): Promise<void> {
    return this.#send('DELETE', `/apis/apps/v1/namespaces/${this.#place.namespace}/deployments/${name}`);
  }

  deletePod(name: string): Promise<void> {
    return this.#send('DELETE', `/api/v1/namespaces/${this.#place.namespace}/pods/${name}`);
  }

  /** Changes the container of the app's template, which rolls it out. */
  patchContainer(change: object): Promise<void> {
    const { namespace, name } = this.#place;
    const body = { spec: { template: { spec: { containers: [{ name, ...change }] } } } };
    return this.#send('PATCH', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, body, 'strategic-merge-patch');
  }

  /** An HPA over the app; `cpuPercent` of what its pods request. */
  autoscale({ min, max, cpuPercent }: { readonly min: number; readonly max: number; readonly cpuPercent?: number }): Promise<void> {
    const { namespace, name } = this.#place;
    const target = { type: 'Utilization', averageUtilization: cpuPercent };
    return this.#send('POST', `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: min,
        maxReplicas: max,
        ...(cpuPercent === undefined ? {} : { metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] }),
      },
    });
  }

  /** Deletes what Shepherd stored of the app: journal, mailbox, lock. */
  async forget(): Promise<void> {
    const { namespace, name } = this.#place;
    await this.#send('DELETE', `/api/v1/namespaces/${namespace}/configmaps/shepherd-${name}`);
    await this.#send('DELETE', `/api/v1/namespaces/${namespace}/configmaps/shepherd-${name}-mailbox`);
    await this.#send('DELETE', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/shepherd-${name}`);
  }

  async #send(method: string, path: string, body?: object, patch = 'merge-patch'): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': method === 'PATCH' ? `application/${patch}+json` : 'application/json' };
    for (let attempt = 1; ; attempt += 1) {
      const stop = AbortSignal.timeout(1_000);
      const init = { method, headers, signal: stop, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const status = await this.#sandbox.connection.transport(new Request(`http://sandbox.invalid${path}`, init)).then(
        (response) => response.status,
        () => 0,
      );
      if ((status >= 200 && status < 300) || status === 404) return;
      if (attempt === attempts) throw new Error(`${method} ${path} answered ${status} ${attempts} times`);
    }
  }
}
