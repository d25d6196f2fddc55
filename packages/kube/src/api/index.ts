// What the rest of this package needs of a cluster.
export type { KubeApiOptions } from './client.js';
export { createKubeApi } from './client.js';
export type { CallOptions, KubeApi, KubeObject, PatchType } from './kube-api.js';
export type { KubeCause, KubeErrorDetails } from './kube-error.js';
export { KubeError } from './kube-error.js';
export { describePath } from './kube-path.js';
export { toMicroTime, toTime } from './kube-time.js';
export type { Connection } from './kubeconfig/connection.js';
export type { LoadConnectionOptions } from './kubeconfig/load-connection.js';
export { loadConnection } from './kubeconfig/load-connection.js';
export type { OnWarning } from './sender.js';
export { toShepherdError } from './to-shepherd-error.js';
