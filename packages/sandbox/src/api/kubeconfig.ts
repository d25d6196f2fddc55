import { stringify } from 'yaml';

export interface KubeconfigOptions {
  /** Bearer token. */
  readonly token: string;
  /** Name of context, cluster and user. @default 'sandbox' */
  readonly name?: string | undefined;
  /** @default 'default' */
  readonly namespace?: string | undefined;
}

/** A kubeconfig with one context, as text. */
export function kubeconfigText(url: string, { token, name = 'sandbox', namespace = 'default' }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  });
}
