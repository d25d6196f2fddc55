/** What the rest of the adapter needs of the API layer. */
export { createKubeApi } from './client.js';
export type { KubeApi, KubeObject } from './kube-api.js';
export { KubeError } from './kube-error.js';
export { toMicroTime } from './kube-time.js';
export type { Connection } from './kubeconfig/connection.js';
export { loadConnection } from './kubeconfig/load-connection.js';
export { toShepherdError } from './to-shepherd-error.js';
