import type { KubeObject } from './api/index.js';

export type Labels = Readonly<Record<string, string>>;

export interface Container {
  readonly name: string;
  readonly image?: string | undefined;
  readonly ports?: readonly { readonly name?: string | undefined; readonly containerPort: number }[] | undefined;
  readonly readinessProbe?: Probe | undefined;
  readonly livenessProbe?: Probe | undefined;
  readonly startupProbe?: Probe | undefined;
  readonly resources?: { readonly limits?: Amounts | undefined; readonly requests?: Amounts | undefined } | undefined;
  readonly env?:
    | readonly { readonly name: string; readonly value?: string | undefined; readonly valueFrom?: Readonly<Record<string, Named | undefined>> | undefined }[]
    | undefined;
  readonly envFrom?: readonly Readonly<Record<string, Named | undefined>>[] | undefined;
  readonly lifecycle?: { readonly preStop?: PreStop | undefined } | undefined;
}

/** Quantities by resource: `{ cpu: '500m' }`. */
export type Amounts = Readonly<Record<string, string>>;

interface PreStop {
  readonly sleep?: { readonly seconds?: number | undefined } | undefined;
  readonly exec?: { readonly command?: readonly string[] | undefined } | undefined;
}

/** A ConfigMap or Secret, or a key of it. */
export interface Named {
  readonly name?: string | undefined;
  readonly secretName?: string | undefined;
  readonly key?: string | undefined;
  readonly optional?: boolean | undefined;
  readonly items?: readonly { readonly key: string }[] | undefined;
}

export interface Probe {
  readonly httpGet?: { readonly path?: string | undefined; readonly port: number | string } | undefined;
  readonly tcpSocket?: { readonly port: number | string } | undefined;
  readonly exec?: { readonly command?: readonly string[] | undefined } | undefined;
  readonly grpc?: { readonly port: number; readonly service?: string | undefined } | undefined;
  readonly initialDelaySeconds?: number | undefined;
  readonly periodSeconds?: number | undefined;
  readonly failureThreshold?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
}

export interface Volume {
  readonly name: string;
  readonly configMap?: Named | undefined;
  readonly secret?: Named | undefined;
  readonly persistentVolumeClaim?: { readonly claimName: string } | undefined;
  readonly projected?:
    | { readonly sources?: readonly { readonly configMap?: Named | undefined; readonly secret?: Named | undefined }[] | undefined }
    | undefined;
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels | undefined; readonly annotations?: Labels | undefined } | undefined;
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[] | undefined;
    readonly volumes?: readonly Volume[] | undefined;
    readonly imagePullSecrets?: readonly { readonly name?: string | undefined }[] | undefined;
    readonly terminationGracePeriodSeconds?: number | undefined;
    readonly serviceAccountName?: string | undefined;
    readonly readinessGates?: readonly { readonly conditionType: string }[] | undefined;
    readonly nodeSelector?: Labels | undefined;
  };
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number | undefined;
    readonly paused?: boolean | undefined;
    readonly minReadySeconds?: number | undefined;
    readonly progressDeadlineSeconds?: number | undefined;
    readonly revisionHistoryLimit?: number | undefined;
    readonly selector: { readonly matchLabels?: Labels | undefined };
    readonly strategy?:
      | {
          readonly type?: string | undefined;
          readonly rollingUpdate?: { readonly maxUnavailable?: number | string | undefined; readonly maxSurge?: number | string | undefined } | undefined;
        }
      | undefined;
    readonly template: PodTemplate;
  };
  readonly status?: {
    readonly observedGeneration?: number | undefined;
    readonly replicas?: number | undefined;
    readonly updatedReplicas?: number | undefined;
    readonly readyReplicas?: number | undefined;
    readonly availableReplicas?: number | undefined;
    readonly conditions?: readonly Condition[] | undefined;
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
}

export interface ReplicaSet extends KubeObject {
  readonly spec: { readonly replicas?: number | undefined; readonly template: PodTemplate };
  readonly status?: { readonly readyReplicas?: number | undefined; readonly conditions?: readonly Condition[] | undefined };
}

export interface ContainerState {
  readonly running?: { readonly startedAt?: string | undefined } | undefined;
  readonly waiting?: { readonly reason?: string | undefined; readonly message?: string | undefined } | undefined;
  readonly terminated?: { readonly reason?: string | undefined; readonly exitCode: number; readonly message?: string | undefined } | undefined;
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean | undefined;
  readonly restartCount?: number | undefined;
  readonly state?: ContainerState | undefined;
  readonly lastState?: ContainerState | undefined;
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[] | undefined;
    readonly nodeName?: string | undefined;
    readonly hostname?: string | undefined;
    readonly nodeSelector?: Labels | undefined;
  };
  readonly status?: {
    readonly phase?: string | undefined;
    readonly reason?: string | undefined;
    readonly message?: string | undefined;
    readonly conditions?: readonly Condition[] | undefined;
    readonly containerStatuses?: readonly ContainerStatus[] | undefined;
    readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
  };
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string | undefined;
    readonly externalTrafficPolicy?: string | undefined;
    readonly selector?: Labels | undefined;
    readonly ports?: readonly { readonly name?: string | undefined; readonly port: number; readonly targetPort?: number | string | undefined }[] | undefined;
  };
}

interface ScaleTarget {
  readonly kind?: string | undefined;
  readonly name: string;
}

export interface Hpa extends KubeObject {
  readonly spec: { readonly minReplicas?: number | undefined; readonly maxReplicas: number; readonly scaleTargetRef: ScaleTarget };
  readonly status?:
    | {
        readonly currentReplicas?: number | undefined;
        readonly desiredReplicas?: number | undefined;
        readonly conditions?: readonly Condition[] | undefined;
      }
    | undefined;
}

/** KEDA's, which makes and owns an HPA. */
export interface ScaledObject extends KubeObject {
  readonly spec: { readonly minReplicaCount?: number | undefined; readonly maxReplicaCount?: number | undefined; readonly scaleTargetRef: ScaleTarget };
}

export interface EndpointSlice extends KubeObject {
  readonly endpoints?:
    | readonly {
        readonly conditions?: { readonly ready?: boolean | undefined } | undefined;
        readonly targetRef?: { readonly name?: string | undefined } | undefined;
      }[]
    | null
    | undefined;
  readonly ports?: readonly { readonly name?: string | undefined; readonly port?: number | undefined }[] | null | undefined;
}

export interface KubeNode extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean | undefined } | undefined;
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined;
}

export interface Budget extends KubeObject {
  readonly spec: {
    readonly selector?: { readonly matchLabels?: Labels | undefined } | undefined;
    readonly unhealthyPodEvictionPolicy?: string | undefined;
  };
  readonly status?:
    | {
        readonly disruptionsAllowed?: number | undefined;
        readonly currentHealthy?: number | undefined;
        readonly desiredHealthy?: number | undefined;
        readonly expectedPods?: number | undefined;
      }
    | undefined;
}

export interface Ingress extends KubeObject {
  readonly spec: {
    readonly ingressClassName?: string | undefined;
    readonly defaultBackend?: Backend | undefined;
    readonly rules?: readonly { readonly http?: { readonly paths?: readonly { readonly backend: Backend }[] | undefined } | undefined }[] | undefined;
  };
}

interface Backend {
  readonly service?: { readonly name: string } | undefined;
}

const in_ =
  (group: string, plural: string) =>
  (namespace: string, name?: string): string =>
    `${group}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;

/** Paths of the API. */
export const paths = {
  deployments: in_('/apis/apps/v1', 'deployments'),
  replicaSets: in_('/apis/apps/v1', 'replicasets'),
  statefulSets: in_('/apis/apps/v1', 'statefulsets'),
  daemonSets: in_('/apis/apps/v1', 'daemonsets'),
  pods: in_('/api/v1', 'pods'),
  services: in_('/api/v1', 'services'),
  configMaps: in_('/api/v1', 'configmaps'),
  secrets: in_('/api/v1', 'secrets'),
  events: in_('/api/v1', 'events'),
  newEvents: in_('/apis/events.k8s.io/v1', 'events'),
  quotas: in_('/api/v1', 'resourcequotas'),
  limitRanges: in_('/api/v1', 'limitranges'),
  claims: in_('/api/v1', 'persistentvolumeclaims'),
  ingresses: in_('/apis/networking.k8s.io/v1', 'ingresses'),
  endpointSlices: in_('/apis/discovery.k8s.io/v1', 'endpointslices'),
  leases: in_('/apis/coordination.k8s.io/v1', 'leases'),
  jobs: in_('/apis/batch/v1', 'jobs'),
  autoscalers: in_('/apis/autoscaling/v2', 'horizontalpodautoscalers'),
  scaledObjects: in_('/apis/keda.sh/v1alpha1', 'scaledobjects'),
  budgets: in_('/apis/policy/v1', 'poddisruptionbudgets'),
  podMetrics: in_('/apis/metrics.k8s.io/v1beta1', 'pods'),
  nodes: '/api/v1/nodes',
  accessReviews: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
} as const;

/** Every key of the selector is there with its value; an empty selector matches nothing. */
export const selects = (selector: Labels | undefined, labels: Labels | undefined): boolean => {
  const entries = Object.entries(selector ?? {});
  return entries.length > 0 && entries.every(([key, value]) => labels?.[key] === value);
};

export const selectorText = (labels: Labels | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

export const annotation = (object: KubeObject, name: string): string | undefined => object.metadata.annotations?.[name];
export const ownedBy = (object: KubeObject, uid: string | undefined): boolean =>
  uid !== undefined && (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
