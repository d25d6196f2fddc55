import type { KindRules } from './kind-rules.js';
import { configMapRules, endpointSliceRules, hpaRules, leaseRules, namespaceRules, pdbRules, quotaRules, secretRules } from './others.js';
import { podRules } from './pod.js';
import { serviceRules } from './service.js';
import { daemonSetRules, deploymentRules, jobRules, replicaSetRules, statefulSetRules } from './workloads.js';

const none: KindRules = {};

const byResource: Readonly<Record<string, KindRules>> = {
  configmaps: configMapRules,
  namespaces: namespaceRules,
  pods: podRules,
  resourcequotas: quotaRules,
  secrets: secretRules,
  services: serviceRules,
  'daemonsets.apps': daemonSetRules,
  'deployments.apps': deploymentRules,
  'endpointslices.discovery.k8s.io': endpointSliceRules,
  'horizontalpodautoscalers.autoscaling': hpaRules,
  'jobs.batch': jobRules,
  'leases.coordination.k8s.io': leaseRules,
  'poddisruptionbudgets.policy': pdbRules,
  'replicasets.apps': replicaSetRules,
  'statefulsets.apps': statefulSetRules,
};

/** The rules of a resource (`deployments.apps`); none for kinds that the server stores as they come. */
export const rulesOf = (resource: string): KindRules => byResource[resource] ?? none;
