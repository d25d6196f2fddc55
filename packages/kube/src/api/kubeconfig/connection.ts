import type { Clock, Transport } from '@shepherd/core';
import type { ClientCertificate } from '../transport.js';

/** How the server proves itself. */
export interface Tls {
  /** PEM. @default the authorities of Node */
  readonly ca?: string | undefined;
  /** Name to find in the server's certificate. @default the host of the address */
  readonly serverName?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** What authenticates one request. */
export interface Credential {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** Where credentials come from; caches on its own. */
export interface CredentialSource {
  get(context: { readonly signal: AbortSignal; readonly clock: Clock }): Promise<Credential>;
  /** The server refused `credential` with 401. True if the next `get` may bring another one. */
  drop(credential: Credential): boolean;
}

/** One cluster, as one user. Holds secrets: never log or serialise it (`toJSON` leaves them out). */
export interface Connection {
  /** Without a trailing slash. */
  readonly server: string;
  /** Namespace of the context. @default 'default' */
  readonly namespace: string;
  /** Name of the context; `in-cluster` for the service account of this pod. */
  readonly context: string;
  /** Who named the context: the caller, or the kubeconfig's `current-context`. Writes that nobody is asked about deserve the first (KC KU-4). */
  readonly contextFrom: 'caller' | 'kubeconfig' | 'in-cluster' | 'transport';
  readonly tls: Tls;
  readonly proxy?: string | undefined;
  readonly credentials: CredentialSource;
  /** The API in this process, when there is one. */
  readonly transport?: Transport | undefined;
  toJSON(): object;
}

/** A credential that never changes. */
export const staticCredentials = (credential: Credential): CredentialSource => ({ get: async () => credential, drop: () => false });
