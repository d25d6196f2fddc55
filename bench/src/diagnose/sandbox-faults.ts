import { Shepherd } from '@shepherd/core';
import { type CauseCode, diagnose } from '@shepherd/core/diagnosis';
import { kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import type { Called } from './run-fault.js';

interface SandboxFault {
  readonly name: string;
  readonly code: CauseCode;
  readonly container: object;
  readonly make: (sandbox: Sandbox, send: (path: string, body: object) => Promise<void>) => Promise<void>;
}

/** What the cluster at hand cannot make: memory limits (its kubelet does not bear them), and metrics to scale by. */
const faults: readonly SandboxFault[] = [
  {
    name: 'sandbox: out of memory',
    code: 'out-of-memory',
    container: { resources: { limits: { memory: '200Mi' } } },
    make: async (sandbox) => sandbox.image('registry/web:2', { memory: '300Mi' }),
  },
  {
    name: 'sandbox: autoscaler at its end',
    code: 'autoscaler-at-max',
    container: { resources: { requests: { cpu: '100m' } } },
    make: async (sandbox, send) => {
      sandbox.image('registry/web:2');
      const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }];
      const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 3, metrics };
      await send('/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers', {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web' },
        spec,
      });
      sandbox.usage('shop/web', { cpu: '400m' });
    },
  },
];

const settleMs = 300_000;

/** Makes each on a sandbox of its own and diagnoses it. */
export const runSandboxFaults = async (only: string | undefined): Promise<readonly Called[]> => {
  const called: Called[] = [];
  for (const { name, code, container, make } of faults.filter((fault) => only === undefined || fault.name === only)) {
    await using sandbox = await createSandbox();
    const { kubeconfig, transport, clock } = sandbox.connection;
    const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? '';
    const send = async (method: string, path: string, body: object): Promise<void> => {
      const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
      const response = await transport(
        new Request(`http://sandbox.invalid${path}`, {
          method,
          body: JSON.stringify(body),
          headers: { 'content-type': type, authorization: `Bearer ${token}` },
        }),
      );
      if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    };
    sandbox.image('registry/web:1');
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1' });
    await make(sandbox, (path, body) => send('POST', path, body));
    await send('PATCH', '/apis/apps/v1/namespaces/shop/deployments/web', {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'registry/web:2', ...container }] } } },
    });
    await clock.sleep(settleMs);
    await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, namespace: 'shop' }) });
    // What is loaded at first use takes real time, in which virtual time jumps past every deadline.
    await shepherd.status('web');
    const { causes, ms } = await diagnose(shepherd, 'web');
    called.push({ fault: name, expected: code, got: causes[0].code, ms, summary: causes[0].summary });
  }
  return called;
};
