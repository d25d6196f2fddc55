import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { humanDuration, since } from './age.js';
import { ageColumn, type Column, containerColumns, count, labelsText, nameColumn, none, selectorColumn, text } from './column.js';

const desired = ({ spec }: KubeObject): number => spec.replicas ?? 0;
const of =
  (field: string): Column['cell'] =>
  ({ status }) =>
    status?.[field] ?? 0;

export const deploymentColumns: readonly Column[] = [
  nameColumn,
  text('Ready', (object) => `${object.status?.readyReplicas ?? 0}/${desired(object)}`),
  text('Up-to-date', of('updatedReplicas')),
  text('Available', of('availableReplicas')),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const replicaSetColumns: readonly Column[] = [
  nameColumn,
  count('Desired', desired),
  count('Current', of('replicas')),
  count('Ready', of('readyReplicas')),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const statefulSetColumns: readonly Column[] = [
  nameColumn,
  text('Ready', (object) => `${object.status?.readyReplicas ?? 0}/${desired(object)}`),
  ageColumn,
  ...containerColumns,
];

export const daemonSetColumns: readonly Column[] = [
  nameColumn,
  count('Desired', of('desiredNumberScheduled')),
  count('Current', of('currentNumberScheduled')),
  count('Ready', of('numberReady')),
  count('Up-to-date', of('updatedNumberScheduled')),
  count('Available', of('numberAvailable')),
  text('Node Selector', ({ spec }) => labelsText(spec.template?.spec?.nodeSelector)),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

/** In the order in which a job's conditions count. */
const JOB_WORDS = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
] as const;

function jobStatus({ metadata, status }: KubeObject): string {
  const holds = (type: string): boolean => (status?.conditions ?? []).some((one: Wire) => one.type === type && one.status === 'True');
  const word = JOB_WORDS.find(([type]) => holds(type))?.[1];
  return word ?? (metadata.deletionTimestamp ? 'Terminating' : 'Running');
}

function completions({ spec, status }: KubeObject): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return (spec.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: KubeObject, now: Date): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now.getTime();
  return humanDuration(end - Date.parse(status.startTime));
}

export const jobColumns: readonly Column[] = [
  nameColumn,
  text('Status', jobStatus),
  text('Completions', completions),
  text('Duration', jobDuration),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

const jobTemplate = (object: KubeObject): KubeObject => ({ ...object, spec: object.spec.jobTemplate?.spec ?? {} });

export const cronJobColumns: readonly Column[] = [
  nameColumn,
  text('Schedule', ({ spec }) => spec.schedule),
  text('Timezone', ({ spec }) => spec.timeZone ?? none),
  { ...text('Suspend', ({ spec }) => (spec.suspend ? 'True' : 'False')), type: 'boolean' },
  count('Active', ({ status }) => status?.active?.length ?? 0),
  text('Last Schedule', ({ status }, now) => (status?.lastScheduleTime ? since(status.lastScheduleTime, now) : none)),
  ageColumn,
  ...[...containerColumns, selectorColumn].map((column) => ({ ...column, cell: (object: KubeObject, now: Date) => column.cell(jobTemplate(object), now) })),
];
