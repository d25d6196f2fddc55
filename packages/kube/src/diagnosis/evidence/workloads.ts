import type { EvidenceOf, PlatformEvidence } from '@shepherd/core';
import { type Condition, type Deployment, type KubeNode, selects } from '../../objects.js';
import { redact } from '../../ready/redact.js';
import { currentReplicaSet } from '../../ready/track-status.js';
import { deploymentsOf, isLeaving, isReady, nameOf, ownPods, secondsSince, type World } from './world.js';

const condition = (conditions: readonly Condition[] | undefined, type: string, status: string): Condition | undefined =>
  conditions?.find((each) => each.type === type && each.status === status);

/** The Deployments of an app, and their pods. Pure. */
export function workloadEvidence(world: World, nodes: readonly KubeNode[]): readonly PlatformEvidence[] {
  return [...deploymentsOf(world.workload).map((each) => deploymentEvidence(world, each)), ...podEvidence(world, nodes)];
}

function deploymentEvidence(world: World, deployment: Deployment): EvidenceOf<'workload'> {
  const { workload, commands, replicaSets } = world;
  const { spec, status = {}, metadata } = deployment;
  const set = currentReplicaSet({ deployment, replicaSets });
  const late = condition(status.conditions, 'Progressing', 'False');
  const refused = condition(set?.status?.conditions, 'ReplicaFailure', 'True') ?? condition(status.conditions, 'ReplicaFailure', 'True');
  return {
    source: 'workload',
    object: `Deployment ${metadata.name}`,
    check: commands.describe('deployment', metadata.name),
    data: {
      track: deployment === workload.stable ? 'stable' : 'candidate',
      replicas: spec.replicas ?? 1,
      made: status.replicas ?? 0,
      ready: status.readyReplicas ?? 0,
      updated: status.updatedReplicas ?? 0,
      paused: spec.paused === true,
      seen: (status.observedGeneration ?? 0) >= (metadata.generation ?? 1),
      ...(late?.reason === 'ProgressDeadlineExceeded' ? { late: late.message ?? late.reason } : {}),
      ...(refused === undefined ? {} : { refused: redact(refused.message ?? refused.reason ?? '') }),
    },
  };
}

const podEvidence = (world: World, nodes: readonly KubeNode[]): readonly EvidenceOf<'pod'>[] =>
  ownPods(world).map(({ pod, deployment, current }) => {
    const { metadata, spec, status } = pod;
    const unplaced = condition(status?.conditions, 'PodScheduled', 'False');
    return {
      source: 'pod',
      object: `Pod ${nameOf(pod)}`,
      check: world.commands.describe('pod', nameOf(pod)),
      data: {
        workload: nameOf(deployment),
        current,
        ready: isReady(pod),
        leaving: isLeaving(pod),
        phase: status?.phase ?? 'Unknown',
        age: secondsSince(metadata.creationTimestamp, world.now),
        ...(status?.reason === undefined ? {} : { reason: status.reason }),
        ...(status?.message === undefined ? {} : { message: redact(status.message) }),
        ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
        ...(unplaced === undefined || spec.nodeSelector === undefined
          ? {}
          : { fitting: nodes.filter((node) => selects(spec.nodeSelector, node.metadata.labels)).length }),
        ...(unplaced === undefined ? {} : { unplaced: unplaced.message ?? unplaced.reason ?? 'not scheduled' }),
      },
    };
  });
