import { loadConnection } from './api/index.js';
import type { KubernetesOptions } from './options.js';

/**
 * The context that `kubernetes()` with these options works on, to show it to a person before anything is written. Reads files only.
 * @throws ShepherdError ERR_INVALID_OPTIONS for a kubeconfig that is broken or not there
 */
export async function readContext({ kubeconfig, context, explicitContext, transport }: KubernetesOptions): Promise<string> {
  return (await loadConnection({ kubeconfig, context, explicitContext, transport })).context;
}
