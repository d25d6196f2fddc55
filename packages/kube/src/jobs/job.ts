import { createHash } from 'node:crypto';
import { type Duration, type Issue, invalidOptions, toMs } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import { names } from '../names.js';
import type { Condition, PodTemplate } from '../objects.js';

/** A Job, as far as it is looked at. */
export interface Job extends KubeObject {
  readonly spec: {
    readonly template: PodTemplate;
    readonly backoffLimit?: number | undefined;
    readonly activeDeadlineSeconds?: number | undefined;
    readonly ttlSecondsAfterFinished?: number | undefined;
  };
  readonly status?: { readonly conditions?: readonly Condition[] | undefined; readonly failed?: number | undefined; readonly active?: number | undefined };
}

/** What a Job step is given. JSON. */
export interface JobInput {
  /** A Job of `batch/v1`; its name is the beginning of the one that it gets. Secrets by reference, never as values. */
  readonly manifest: object;
  /** How long it may run, unless the manifest says so. @default '30m' */
  readonly timeout?: Duration | undefined;
}

/** By this name plans and requests hold it. */
export const jobUse = 'shepherd/job';

const defaultTimeout: Duration = '30m';
const dayS = 86_400;
const longestName = 40;

/** What is wrong with an input. Pure. */
export function jobIssues({ manifest }: JobInput): readonly Issue[] {
  const { kind, metadata, spec } = manifest as Partial<Job> & { readonly kind?: string };
  const containers = spec?.template?.spec?.containers;
  return [
    ...(kind === 'Job' ? [] : [{ path: 'manifest.kind', got: JSON.stringify(kind) ?? 'nothing', expected: 'Job' }]),
    ...(typeof metadata?.name === 'string' && metadata.name !== '' ? [] : [{ path: 'manifest.metadata.name', got: 'nothing', expected: 'a name' }]),
    ...(Array.isArray(containers) && containers.length > 0
      ? []
      : [{ path: 'manifest.spec.template.spec.containers', got: 'nothing', expected: 'a container or more' }]),
  ];
}

/** The name that the Job of one rollout has, whichever process makes it. */
export const jobName = ({ manifest }: JobInput, rolloutId: string): string => {
  const { metadata } = manifest as Job;
  const hash = createHash('sha256')
    .update(JSON.stringify([rolloutId, manifest]))
    .digest('hex')
    .slice(0, 10);
  return `${metadata.name.slice(0, longestName)}-${hash}`;
};

interface Making {
  readonly namespace: string;
  readonly app: string;
  readonly rolloutId: string;
}

/** The Job as it is made: once, without a second try unless the manifest asks for some, and kept for a day so that nobody takes it for one that never was. Pure. */
export function jobManifest(input: JobInput, { namespace, app, rolloutId }: Making): object {
  const issues = jobIssues(input);
  if (issues.length > 0) throw invalidOptions(issues);
  const { metadata, spec } = input.manifest as Job & { readonly spec: { readonly template: { readonly spec: { readonly restartPolicy?: string } } } };
  const { ttlSecondsAfterFinished } = spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      name: jobName(input, rolloutId),
      namespace,
      labels: { ...metadata.labels, [names.app]: app.slice(0, 63) },
      annotations: { ...metadata.annotations, [names.rolloutId]: rolloutId },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(toMs(input.timeout ?? defaultTimeout) / 1_000),
      ...spec,
      ttlSecondsAfterFinished: Math.max(dayS, ttlSecondsAfterFinished ?? dayS),
      template: { ...spec.template, spec: { restartPolicy: 'Never', ...spec.template.spec } },
    },
  };
}

/** How it ended; undefined: it runs. Pure. */
export function endOf({ status }: Job): { readonly good: boolean; readonly why: string } | undefined {
  const holds = (type: string): Condition | undefined => status?.conditions?.find((each) => each.type === type && each.status === 'True');
  const failed = holds('Failed');
  if (failed !== undefined) return { good: false, why: [failed.reason, failed.message].filter((part) => part !== undefined).join(': ') };
  return holds('Complete') === undefined ? undefined : { good: true, why: 'complete' };
}
