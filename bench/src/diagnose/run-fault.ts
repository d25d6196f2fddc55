import { Shepherd } from '@shepherd/core';
import { diagnose } from '@shepherd/core/diagnosis';
import { kubernetes } from '@shepherd/kube';
import { type KubeObject, kubectl, type Lab } from '../lab/index.js';
import type { ClusterFault, State } from './fault.js';

/** What a fault was called. */
export interface Called {
  readonly fault: string;
  readonly expected: string;
  readonly got: string;
  /** How long the diagnosis took. */
  readonly ms: number;
  /** The first cause, for whoever wants to know why. */
  readonly summary: string;
}

const patienceMs = 150_000;
const lookMs = 1_000;

async function stateOf(lab: Lab, namespace: string): Promise<State> {
  const list = async (path: string): Promise<readonly KubeObject[]> => (await lab.read<{ items: readonly KubeObject[] }>(path)).items;
  const [pods, deployments, events, autoscalers, budgets] = await Promise.all([
    list(`/api/v1/namespaces/${namespace}/pods`),
    list(`/apis/apps/v1/namespaces/${namespace}/deployments`),
    list(`/api/v1/namespaces/${namespace}/events`),
    list(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`),
    list(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`),
  ]);
  return { pods, deployment: deployments[0], events, autoscalers, budgets };
}

async function until(lab: Lab, namespace: string, what: string, holds: (state: State) => boolean): Promise<void> {
  for (const end = performance.now() + patienceMs; !holds(await stateOf(lab, namespace)); await new Promise((resolve) => setTimeout(resolve, lookMs)))
    if (performance.now() > end) throw new Error(`${what}: Kubernetes does not show the fault`);
}

/** Makes a fault in a namespace of its own, waits until Kubernetes shows it, and diagnoses it once. */
export async function runFault(lab: Lab, { name, code, objects, before, there, then, options }: ClusterFault): Promise<Called> {
  const namespace = await lab.namespace('bench-fault');
  try {
    await before?.(namespace);
    await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
    if (then !== undefined) {
      await until(lab, namespace, name, then.when);
      await then.make(namespace);
    }
    await until(lab, namespace, name, there);
    await using shepherd = new Shepherd({ platform: kubernetes({ namespace }) });
    const { causes, ms } = await diagnose(shepherd, 'web', options);
    const [first] = causes;
    return { fault: name, expected: code, got: first.code, ms, summary: first.summary };
  } finally {
    await lab.drop(namespace);
  }
}
