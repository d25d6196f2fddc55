export { kubernetes } from './kubernetes.js';
export type { KubeApp, KubernetesOptions, KubeRelease, Router } from './options.js';
