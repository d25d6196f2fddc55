import type { Platform } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';

/** Which cluster, and where in it. What is left out comes from the kubeconfig. */
export interface Connection {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Makes the platform that a command works on. */
export type Connect = (connection: Connection) => Promise<Platform<KubeRelease>>;

/** The cluster of the kubeconfig; its code is loaded when it is needed. */
export const connectKube: Connect = async (connection) => (await import('@shepherd/kube')).kubernetes(connection);
