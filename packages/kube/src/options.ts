import type { AppParts, Clock, Duration, Transport, Use } from '@shepherd/core';
import type { RegistryAsk } from './registry/ask-registry.js';

interface AnyRelease {
  /** What people call it. @default from the image */
  readonly version?: string | undefined;
  /** What it changes outside cannot be taken back. */
  readonly irreversible?: boolean | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly patch?: object | undefined;
  /** Gives the container a `preStop` sleep if it has none, so that its pods serve on while routing forgets them. */
  readonly preStopSleep?: Duration | undefined;
}

/**
 * What to release. `image`: of the only container, or of the one named like the app. `patch`: strategic merge on the pod template; `env` its short form.
 * `manifests`: YAML or objects that hold the app's Deployment, whose pod template is taken.
 */
export type KubeRelease = AnyRelease &
  (
    | { readonly image: string }
    | { readonly images: Readonly<Record<string, string>> }
    | { readonly env: Readonly<Record<string, string>> }
    | { readonly patch: object }
    | { readonly manifests: string | readonly object[] }
  );

/** A Secret that an app cannot do without, whether or not its template names it. */
export interface RequiredSecret {
  readonly name: string;
  /** Keys that it must have. @default none */
  readonly keys?: readonly string[] | undefined;
}

/** How traffic is split. Routers for Gateway API, Istio and ingress-nginx are not built yet and refused. */
export type Router =
  | 'auto'
  | 'service'
  | 'replica-ratio'
  | { readonly httpRoute: string }
  | { readonly virtualService: string; readonly route?: string | undefined }
  | { readonly ingress: string };

/** Where names alone do not tell. @default the Deployment of the app's name; the Services that select its pods; router 'auto' */
export interface KubeApp {
  readonly workload?: string | undefined;
  readonly services?: readonly string[] | undefined;
  readonly container?: string | undefined;
  /** For checks. @default what the Service targets, else the container's first port */
  readonly port?: number | string | undefined;
  /** Where a request names none. @default `standard()` */
  readonly checks?: readonly Use<'check'>[] | undefined;
  readonly router?: Router | undefined;
  /** Looked at before each release, by name and key: no value is ever shown. @default none */
  readonly requiredSecrets?: readonly RequiredSecret[] | undefined;
}

/** `kubeconfig`: path or content. @default KUBECONFIG, ~/.kube/config, in-cluster; namespace: the context's */
export interface KubernetesOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Refuse a `current-context` that nobody named where the kubeconfig has several contexts: for what writes with nobody to ask (KC KU-4). @default false */
  readonly explicitContext?: boolean | undefined;
  readonly namespace?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly transport?: Transport | undefined;
  readonly app?: KubeApp | ((app: AppParts) => KubeApp | undefined) | undefined;
  /** How a registry is asked for an image. @default over HTTPS, from this process; where `transport` is given none is asked: such a cluster has images of its own */
  readonly askRegistry?: RegistryAsk | undefined;
  /** Tell by Events on the app's Deployment what a rollout does; where that is not allowed there are none. @default true */
  readonly events?: boolean | undefined;
  /** Length of the lock's lease in ms. @default 15000 */
  readonly leaseMs?: number | undefined;
}
