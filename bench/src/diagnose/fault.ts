import type { CauseCode, DiagnoseOptions } from '@shepherd/core/diagnosis';
import type { KubeObject } from '../lab/index.js';
import type { FakeNodes } from './fake-nodes.js';
import type { Manifest } from './manifests.js';
import type { WebhookDouble } from './webhook-double.js';

/** What a namespace shows by itself, without us. */
export interface State {
  readonly pods: readonly KubeObject[];
  readonly deployment: KubeObject | undefined;
  readonly events: readonly KubeObject[];
  readonly autoscalers: readonly KubeObject[];
  readonly budgets: readonly KubeObject[];
}

/** What faults are made with. */
export interface Means {
  /** Of the registry double. */
  readonly registry: string;
  readonly nodes: FakeNodes;
  readonly webhooks: WebhookDouble;
}

export interface ClusterFault {
  readonly name: string;
  readonly code: CauseCode;
  readonly objects: readonly Manifest[];
  /** Before the objects. */
  readonly before?: (namespace: string) => Promise<unknown>;
  /** The fault is there: what Kubernetes shows of it. Then it is diagnosed, once. */
  readonly there: (state: State) => boolean;
  /** Made once the app runs; `there` counts from then on. */
  readonly then?: { readonly when: (state: State) => boolean; readonly make: (namespace: string) => Promise<unknown> };
  readonly options?: DiagnoseOptions;
}

interface ContainerStatus {
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: { readonly waiting?: { readonly reason?: string }; readonly running?: { readonly startedAt?: string } };
}

const statuses = ({ pods }: State): readonly ContainerStatus[] =>
  pods.flatMap(({ status }) => [...((status?.initContainerStatuses ?? []) as ContainerStatus[]), ...((status?.containerStatuses ?? []) as ContainerStatus[])]);

/** A container waits, for one of these reasons. */
export const waits =
  (...reasons: readonly string[]) =>
  (state: State): boolean =>
    statuses(state).some((each) => reasons.includes(each.state?.waiting?.reason ?? ''));

/** So many pods are ready. */
export const ready =
  (count: number) =>
  ({ pods }: State): boolean =>
    pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status?.conditions?.some((each: Manifest) => each['type'] === 'Ready' && each['status'] === 'True'),
    ).length === count;

/** Kubernetes noted this. */
export const noted =
  (pattern: RegExp) =>
  ({ events }: State): boolean =>
    events.some(({ reason, message }) => pattern.test(`${reason}: ${message}`));

/** A container has run this long, in seconds, and is not ready. */
export const unreadyFor =
  (seconds: number) =>
  (state: State): boolean =>
    statuses(state).some((each) => !each.ready && Date.now() - Date.parse(each.state?.running?.startedAt ?? '') > seconds * 1_000);

export const unplaced = ({ pods }: State): boolean =>
  pods.some(({ status }) => status?.conditions?.some((each: Manifest) => each['type'] === 'PodScheduled' && each['status'] === 'False'));

/** A condition of the Deployment. */
export const condition =
  (type: string, status: string, reason?: string) =>
  ({ deployment }: State): boolean =>
    deployment?.['status']?.conditions?.some(
      (each: Manifest) => each['type'] === type && each['status'] === status && (reason === undefined || each['reason'] === reason),
    ) ?? false;
