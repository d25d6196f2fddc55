import { fileURLToPath } from 'node:url';
import { BlueGreen, Canary, type DeployRequest, RollingUpdate, type Strategy } from '@shepherd/core';
import { type ChartRelease, helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { checks } from '../../bench/src/lab/index.js';

/** What the parent asks of `chart-child`. */
export interface ChartOrder {
  readonly namespace: string;
  readonly binary: string;
  readonly tag: string;
}

/** Of processes that die: others may take over soon. */
export const leaseMs = 3_000;
export const replicas = 4;

const chart = fileURLToPath(new URL('../../examples/guide/helm/shepherd', import.meta.url));
/** The guide's chart with the app of the cluster: it serves on for 4 s after SIGTERM, its probe asks what its health does not change. */
const base = {
  image: { repository: 'shepherd.test/app' },
  replicaCount: replicas,
  port: 8080,
  probe: { path: '/metrics' },
  drains: true,
  config: { DRAIN_MS: '4000' },
  // Without limits: a kubelet 1.34 without cgroups of its own panics when it looks at them (doPodResizeAction).
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: null },
};

export const platformOf = (namespace: string, binary: string, options: { readonly leaseMs?: number } = {}) =>
  helm(kubernetes({ namespace, app: { checks }, ...options }), { binary });

export const releaseOf = (tag: string, config: Readonly<Record<string, string>> = {}): ChartRelease => ({ chart, values: [base, { image: { tag }, config }] });

export const strategies: Readonly<Record<'rolling' | 'blue-green' | 'canary', Strategy>> = {
  rolling: new RollingUpdate(),
  'blue-green': new BlueGreen({ soak: '2s', analysis: false }),
  canary: new Canary({ stages: [25, 100], interval: '2s', analysis: false }),
};

export const requestOf = (release: ChartRelease, strategy = strategies.rolling): DeployRequest<ChartRelease> => ({
  app: 'shepherd',
  release,
  strategy,
  drain: '3s',
});
