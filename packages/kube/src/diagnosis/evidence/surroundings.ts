import type { EvidenceOf, PlatformEvidence } from '@shepherd/core';
import type { KubeObject } from '../../api/index.js';
import { type Budget, type Hpa, type KubeNode, selects } from '../../objects.js';
import type { Quota } from '../../preflight/room.js';
import { lastSeen } from '../../ready/probe-answers.js';
import { redact } from '../../ready/redact.js';
import { labelsOf } from '../../workload.js';
import { isOf, isRoutine } from '../notes.js';
import { deploymentsOf, nameOf, ownPods, secondsSince, type World } from './world.js';

/** Objects around an app, as they were read. */
export interface Around {
  readonly nodes: readonly KubeNode[];
  readonly quotas: readonly Quota[];
  readonly autoscalers: readonly Hpa[];
  readonly budgets: readonly Budget[];
  readonly metrics: readonly PodMetrics[];
}

export interface PodMetrics extends KubeObject {
  readonly containers?: readonly { readonly usage?: { readonly cpu?: string; readonly memory?: string } }[] | undefined;
}

/** What an app lives in: nodes, quotas, autoscalers, budgets, what it uses, what was noted. Pure. */
export const surroundings = (world: World, around: Around): readonly PlatformEvidence[] => [
  ...nodeEvidence(world, around.nodes),
  ...around.quotas.map((quota) => quotaEvidence(world, quota)),
  ...autoscalerEvidence(world, around.autoscalers),
  ...budgetEvidence(world, around.budgets),
  ...usageEvidence(world, around.metrics),
  ...noteEvidence(world),
];

/** Nodes with pods of the app, and those that are not well. */
function nodeEvidence(world: World, nodes: readonly KubeNode[]): readonly EvidenceOf<'node'>[] {
  const own = ownPods(world);
  return nodes.flatMap((node) => {
    const conditions = node.status?.conditions ?? [];
    const ready = conditions.find(({ type }) => type === 'Ready');
    const pods = own.filter(({ pod }) => pod.spec.nodeName === nameOf(node)).map(({ pod }) => nameOf(pod));
    const pressure = conditions.filter(({ type, status }) => type !== 'Ready' && status === 'True').map(({ type }) => type);
    const cordoned = node.spec?.unschedulable === true;
    if (pods.length === 0 && ready?.status === 'True' && pressure.length === 0 && !cordoned) return [];
    return [
      {
        source: 'node',
        object: `Node ${nameOf(node)}`,
        check: world.commands.node(nameOf(node)),
        data: { ready: ready?.status ?? 'Unknown', cordoned, pressure, pods, ...(ready?.message === undefined ? {} : { message: ready.message }) },
      },
    ];
  });
}

const quotaEvidence = ({ commands }: World, quota: Quota): EvidenceOf<'quota'> => ({
  source: 'quota',
  object: `ResourceQuota ${nameOf(quota)}`,
  check: commands.describe('resourcequota', nameOf(quota)),
  data: { hard: quota.status?.hard ?? {}, used: quota.status?.used ?? {} },
});

const autoscalerEvidence = ({ workload, commands }: World, autoscalers: readonly Hpa[]): readonly EvidenceOf<'autoscaler'>[] =>
  autoscalers
    .filter(({ spec: { scaleTargetRef } }) => scaleTargetRef.kind === 'Deployment' && scaleTargetRef.name === nameOf(workload.stable))
    .map((hpa) => {
      const { status = {}, spec } = hpa;
      const limited = status.conditions?.find(({ type }) => type === 'ScalingLimited');
      const active = status.conditions?.find(({ type }) => type === 'ScalingActive');
      const isActive = active?.status !== 'False' || active.reason === 'ScalingDisabled';
      const message = isActive ? limited?.message : active?.message;
      return {
        source: 'autoscaler',
        object: `HorizontalPodAutoscaler ${nameOf(hpa)}`,
        check: commands.describe('hpa', nameOf(hpa)),
        data: {
          min: spec.minReplicas ?? 1,
          max: spec.maxReplicas,
          current: status.currentReplicas ?? 0,
          wanted: status.desiredReplicas ?? 0,
          active: isActive,
          limited: limited?.status === 'True' && limited.reason === 'TooManyReplicas',
          ...(message === undefined ? {} : { message }),
        },
      };
    });

const budgetEvidence = ({ workload, commands }: World, budgets: readonly Budget[]): readonly EvidenceOf<'budget'>[] =>
  budgets
    .filter(({ spec }) => deploymentsOf(workload).some((each) => selects(spec.selector?.matchLabels, labelsOf(each))))
    .map((budget) => ({
      source: 'budget',
      object: `PodDisruptionBudget ${nameOf(budget)}`,
      check: commands.describe('pdb', nameOf(budget)),
      data: {
        allowed: budget.status?.disruptionsAllowed ?? 0,
        healthy: budget.status?.currentHealthy ?? 0,
        needed: budget.status?.desiredHealthy ?? 0,
        pods: budget.status?.expectedPods ?? 0,
      },
    }));

/** Thousandths of a core. */
export function milliCpu(text: string): number {
  const value = Number.parseFloat(text);
  const unit = text.replace(/^[\d.]+/, '');
  const factor = unit === 'n' ? 1e-6 : unit === 'u' ? 1e-3 : unit === 'm' ? 1 : 1_000;
  return Math.round(value * factor);
}

const memoryUnits: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

export const mebibytes = (text: string): number => Math.round((Number.parseFloat(text) * (memoryUnits[text.replace(/^[\d.]+/, '')] ?? 1)) / 2 ** 20);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function usageEvidence(world: World, metrics: readonly PodMetrics[]): readonly EvidenceOf<'usage'>[] {
  return ownPods(world).flatMap(({ pod }) => {
    const found = metrics.find((each) => nameOf(each) === nameOf(pod));
    if (found === undefined) return [];
    const used = (found.containers ?? []).map(({ usage }) => usage ?? {});
    const limits = pod.spec.containers.map(({ resources }) => resources?.limits ?? {});
    const all = (key: string, read: (text: string) => number): number | undefined =>
      limits.every((limit) => limit[key] !== undefined) ? sum(limits.map((limit) => read(limit[key] as string))) : undefined;
    const [cpuLimit, memoryLimit] = [all('cpu', milliCpu), all('memory', mebibytes)];
    return [
      {
        source: 'usage',
        object: `Pod ${nameOf(pod)}`,
        check: world.commands.top(nameOf(pod)),
        data: {
          pod: nameOf(pod),
          cpu: sum(used.map(({ cpu = '0' }) => milliCpu(cpu))),
          memory: sum(used.map(({ memory = '0' }) => mebibytes(memory))),
          ...(cpuLimit === undefined ? {} : { cpuLimit }),
          ...(memoryLimit === undefined ? {} : { memoryLimit }),
        },
      },
    ];
  });
}

const keptNotes = 200;

/** Events of the app's objects that are still there; those of others tell of the past. */
function noteEvidence(world: World): readonly EvidenceOf<'note'>[] {
  const { events, workload, services, commands, now } = world;
  const concerns = isOf(
    deploymentsOf(workload).map(nameOf),
    services.map((service) => ({ ...service, kind: 'Service' })),
  );
  return events
    .filter((event) => concerns(event.involvedObject) && !isRoutine(event))
    .toSorted((a, b) => lastSeen(b).localeCompare(lastSeen(a)))
    .slice(0, keptNotes)
    .map((event) => ({
      source: 'note',
      object: `${event.involvedObject.kind} ${event.involvedObject.name}`,
      check: commands.events(event.involvedObject.name ?? ''),
      data: {
        about: `${event.involvedObject.kind} ${event.involvedObject.name}`,
        level: event.type === 'Warning' ? 'warning' : 'info',
        reason: event.reason ?? '',
        message: redact(event.message ?? '').trim(),
        count: event.series?.count ?? event.count ?? 1,
        age: secondsSince(lastSeen(event), now),
      },
    }));
}
