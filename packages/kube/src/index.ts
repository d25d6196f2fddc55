export { kubernetes } from './kubernetes.js';
export type { KubeApp, KubeRelease, KubernetesOptions, Router } from './options.js';
