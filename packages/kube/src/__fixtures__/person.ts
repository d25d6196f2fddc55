import type { Sandbox } from '@shepherd/sandbox';

/** Somebody else at the API of a sandbox: a person with kubectl, GitOps, an autoscaler. Objects are in `shop`. */
export interface Person {
  send<T = unknown>(method: string, path: string, body?: object): Promise<T>;
  /** `kubectl set image deployment/NAME web=IMAGE` */
  setImage(name: string, image: string): Promise<void>;
  scale(name: string, replicas: number): Promise<void>;
  /** An HPA over `web`. */
  autoscale(bounds: { readonly min: number; readonly max: number }): Promise<void>;
}

export const at = {
  deployment: (name: string): string => `/apis/apps/v1/namespaces/shop/deployments/${name}`,
  service: (name: string): string => `/api/v1/namespaces/shop/services/${name}`,
  hpas: '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers',
  pods: '/api/v1/namespaces/shop/pods',
};

/** `manager` names it in managedFields. */
export function person({ connection: { kubeconfig, transport } }: Pick<Sandbox, 'connection'>, manager = 'kubectl-set'): Person {
  const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  const send: Person['send'] = async (method, path, body) => {
    const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
    const url = `http://sandbox.invalid${path}${method === 'GET' ? '' : `${path.includes('?') ? '&' : '?'}fieldManager=${manager}`}`;
    const headers = { 'content-type': type, authorization: `Bearer ${token}` };
    const response = await transport(new Request(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as never;
  };
  return {
    send,
    setImage: async (name, image) => {
      await send('PATCH', at.deployment(name), { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } });
    },
    scale: async (name, replicas) => {
      await send('PATCH', `${at.deployment(name)}`, { spec: { replicas } });
    },
    autoscale: async ({ min, max }) => {
      await send('POST', at.hpas, {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: min, maxReplicas: max },
      });
    },
  };
}
