import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { since } from './age.js';
import { ageColumn, type Column, createdAtColumn, nameColumn, none, text, wide } from './column.js';

const size =
  (fields: readonly string[]): Column['cell'] =>
  (object) =>
    fields.reduce((sum, field) => sum + Object.keys(object[field] ?? {}).length, 0);

export const configMapColumns: readonly Column[] = [nameColumn, text('Data', size(['data', 'binaryData'])), ageColumn];
export const secretColumns: readonly Column[] = [nameColumn, text('Type', ({ type }) => type), text('Data', size(['data'])), ageColumn];
export const serviceAccountColumns: readonly Column[] = [nameColumn, text('Secrets', ({ secrets }) => secrets?.length ?? 0), ageColumn];
export const namespaceColumns: readonly Column[] = [nameColumn, text('Status', ({ status }) => status?.phase ?? ''), ageColumn];
export const leaseColumns: readonly Column[] = [nameColumn, text('Holder', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn];
export const limitRangeColumns: readonly Column[] = [nameColumn, createdAtColumn];

function nodeStatus({ spec, status }: KubeObject): string {
  const ready = (status?.conditions ?? []).find(({ type }: Wire) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

const ROLE = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: KubeObject): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) =>
    key.startsWith(ROLE) ? [key.slice(ROLE.length)] : key === 'kubernetes.io/role' ? [value] : [],
  );
  return roles.sort().join(',') || none;
}

const addressOf =
  (type: string): Column['cell'] =>
  ({ status }) =>
    (status?.addresses ?? []).find((one: Wire) => one.type === type)?.address ?? none;
const nodeInfo =
  (field: string): Column['cell'] =>
  ({ status }) =>
    status?.nodeInfo?.[field] || '<unknown>';

export const nodeColumns: readonly Column[] = [
  nameColumn,
  text('Status', nodeStatus),
  text('Roles', nodeRoles),
  ageColumn,
  text('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  wide('Internal-IP', addressOf('InternalIP')),
  wide('External-IP', addressOf('ExternalIP')),
  wide('OS-Image', nodeInfo('osImage')),
  wide('Kernel-Version', nodeInfo('kernelVersion')),
  wide('Container-Runtime', nodeInfo('containerRuntimeVersion')),
];

const lastSeen = ({ series, lastTimestamp, eventTime }: KubeObject): string | undefined => series?.lastObservedTime ?? lastTimestamp ?? eventTime;

/** Events that a series counts show how often and for how long. */
function lastSeenText(event: KubeObject, now: Date): string {
  return since(lastSeen(event), now);
}

export const eventColumns: readonly Column[] = [
  text('Last Seen', lastSeenText),
  text('Type', ({ type }) => type ?? ''),
  text('Reason', ({ reason }) => reason ?? ''),
  text('Object', ({ involvedObject }) => `${String(involvedObject?.kind ?? '').toLowerCase()}/${involvedObject?.name ?? ''}`),
  wide('Subobject', ({ involvedObject }) => involvedObject?.fieldPath ?? ''),
  wide('Source', ({ source, reportingComponent, reportingInstance }) => {
    const component = source?.component ?? reportingComponent ?? '';
    const host = source?.host ?? (source?.component ? undefined : reportingInstance);
    return host ? `${component}, ${host}` : component;
  }),
  text('Message', ({ message }) => String(message ?? '').trim()),
  wide('First Seen', ({ firstTimestamp, eventTime }, now) => since(firstTimestamp ?? eventTime, now)),
  { ...text('Count', ({ series, count: seen }) => series?.count ?? seen ?? 1), priority: 1 },
  { ...wide('Name', ({ metadata }) => metadata.name), format: 'name' },
];

/** What is used of each hard limit, `limits.` apart from the rest. */
function quotaText({ spec, status }: KubeObject, isLimit: boolean): string {
  const hard: Record<string, string> = status?.hard ?? spec?.hard ?? {};
  return Object.keys(hard)
    .filter((key) => key.startsWith('limits.') === isLimit)
    .sort()
    .map((key) => `${key}: ${status?.used?.[key] ?? '0'}/${hard[key]}`)
    .join(', ');
}

export const quotaColumns: readonly Column[] = [
  nameColumn,
  text('Request', (quota) => quotaText(quota, false)),
  text('Limit', (quota) => quotaText(quota, true)),
  ageColumn,
];

const ACCESS: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

export const claimColumns: readonly Column[] = [
  nameColumn,
  text('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? 'Pending'))),
  text('Volume', ({ spec }) => spec?.volumeName ?? ''),
  text('Capacity', ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '') : '')),
  text('Access Modes', ({ spec, status }) => (spec?.volumeName ? (status?.accessModes ?? []).map((mode: string) => ACCESS[mode] ?? mode).join(',') : '')),
  text('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
  text('VolumeAttributesClass', ({ status }) => status?.currentVolumeAttributesClassName ?? '<unset>'),
  ageColumn,
  wide('VolumeMode', ({ spec }) => spec?.volumeMode ?? 'Filesystem'),
];
