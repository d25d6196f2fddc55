import { autoscalerRules } from './autoscaler.js';
import { definitionRules } from './custom-resource-definition.js';
import { configMapRules, secretRules } from './data.js';
import { endpointSliceRules } from './endpoint-slice.js';
import type { KindRules } from './kind-rules.js';
import { leaseRules, namespaceRules, pdbRules, quotaRules } from './others.js';
import { podRules } from './pod.js';
import { bindingRules, roleRules } from './rbac.js';
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
  'customresourcedefinitions.apiextensions.k8s.io': definitionRules,
  'daemonsets.apps': daemonSetRules,
  'deployments.apps': deploymentRules,
  'endpointslices.discovery.k8s.io': endpointSliceRules,
  'horizontalpodautoscalers.autoscaling': autoscalerRules,
  'jobs.batch': jobRules,
  'leases.coordination.k8s.io': leaseRules,
  'poddisruptionbudgets.policy': pdbRules,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingRules,
  'clusterroles.rbac.authorization.k8s.io': roleRules,
  'replicasets.apps': replicaSetRules,
  'rolebindings.rbac.authorization.k8s.io': bindingRules,
  'roles.rbac.authorization.k8s.io': roleRules,
  'statefulsets.apps': statefulSetRules,
};

/** The rules of a resource (`deployments.apps`); none for kinds that the server stores as they come. */
export const rulesOf = (resource: string): KindRules => byResource[resource] ?? none;
