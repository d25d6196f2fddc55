import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { ageColumn, type Column, count, createdAtColumn, nameColumn, text, wide } from './column.js';

const orNotSet = (value: Wire): string => (value === undefined ? 'N/A' : String(value));

export const budgetColumns: readonly Column[] = [
  nameColumn,
  text('Min Available', ({ spec }) => orNotSet(spec?.minAvailable)),
  text('Max Unavailable', ({ spec }) => orNotSet(spec?.maxUnavailable)),
  count('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
  ageColumn,
];

function metricText({ type, resource, containerResource, pods, object, external }: Wire, seen: Wire): string {
  const spec = resource ?? containerResource ?? pods ?? object ?? external ?? {};
  const current = (seen?.resource ?? seen?.containerResource ?? seen?.pods ?? seen?.object ?? seen?.external)?.current;
  const { target } = spec;
  const name = type === 'Resource' || type === 'ContainerResource' ? `${spec.name}: ` : '';
  if (target?.averageUtilization !== undefined) {
    return `${name}${current?.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}%`}/${target.averageUtilization}%`;
  }
  const average = target?.averageValue !== undefined;
  const wanted = average ? target.averageValue : target?.value;
  const found = average ? current?.averageValue : current?.value;
  return `${name}${found ?? '<unknown>'}/${wanted}${average && (type === 'Object' || type === 'External') ? ' (avg)' : ''}`;
}

/** Current over wanted for the first two metrics. */
function targetsText({ spec, status }: KubeObject): string {
  const metrics: Wire[] = spec.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const seen: Wire[] = status?.currentMetrics ?? [];
  const shown = metrics.slice(0, 2).map((metric, i) => metricText(metric, seen[i]));
  return `${shown.join(', ')}${metrics.length > 2 ? ` + ${metrics.length - 2} more...` : ''}`;
}

export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  text('Reference', ({ spec }) => `${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`),
  text('Targets', targetsText),
  text('MinPods', ({ spec }) => (spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas))),
  text('MaxPods', ({ spec }) => spec.maxReplicas),
  text('Replicas', ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
];

const subjects =
  (kind: string): Column['cell'] =>
  (binding) =>
    (binding['subjects'] ?? [])
      .filter((one: Wire) => one.kind === kind)
      .map(({ namespace, name }: Wire) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
      .join(', ');

export const roleColumns: readonly Column[] = [nameColumn, createdAtColumn];

export const bindingColumns: readonly Column[] = [
  nameColumn,
  text('Role', ({ roleRef }) => `${roleRef?.kind}/${roleRef?.name}`),
  ageColumn,
  wide('Users', subjects('User')),
  wide('Groups', subjects('Group')),
  wide('ServiceAccounts', subjects('ServiceAccount')),
];
