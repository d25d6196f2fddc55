import type { Json } from '../json.js';
import { images } from '../sides.js';

export const [imageOne, imageTwo] = images;

/** Pods of this scheduler are placed by nobody: they stay as scenarios make them, on both sides, and cost nothing. */
const noScheduler = 'nobody';

export const container = (more: object = {}): Json => ({ name: 'web', image: imageOne, ...more });

/** A template of pods that nobody runs. */
export const template = (name: string, containerMore: object = {}): Json => ({
  metadata: { labels: { app: name } },
  spec: { schedulerName: noScheduler, automountServiceAccountToken: false, containers: [container(containerMore)] },
});

export const workload = (name: string, spec: object = {}): Json => ({
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

export const pod = (name: string, spec: object = {}, metadata: object = {}): Json => ({
  metadata: { name, labels: { app: name }, ...metadata },
  spec: { schedulerName: noScheduler, automountServiceAccountToken: false, containers: [container()], ...spec },
});

export const service = (name: string, spec: object = {}): Json => ({ metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec } });

export const configMap = (name: string, data: object = { a: '1' }): Json => ({ metadata: { name }, data });

export const budget = (name: string, spec: object): Json => ({ metadata: { name }, spec: { selector: { matchLabels: { app: name } }, ...spec } });

export const autoscaler = (name: string, spec: object = {}): Json => ({
  metadata: { name },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, maxReplicas: 5, ...spec },
});

export const dryRun = { query: { dryRun: 'All' } } as const;
export const merge = { type: 'merge-patch+json' } as const;
export const strategic = { type: 'strategic-merge-patch+json' } as const;
export const jsonPatch = { type: 'json-patch+json' } as const;
/** Server-side apply as this manager. */
export const apply = (fieldManager: string, more: Readonly<Record<string, string>> = {}): { type: string; query: Record<string, string> } => ({
  type: 'apply-patch+yaml',
  query: { fieldManager, ...more },
});
export const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } as const;
