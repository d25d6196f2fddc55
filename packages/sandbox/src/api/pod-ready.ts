import type { Wire } from './json.js';
import type { KubeObject } from './objects.js';

export const isReady = (pod: KubeObject): boolean => (pod.status?.conditions ?? []).some(({ type, status }: Wire) => type === 'Ready' && status === 'True');
