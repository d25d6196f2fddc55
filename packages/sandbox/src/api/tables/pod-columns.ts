import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { since } from './age.js';
import { ageColumn, type Column, nameColumn, none, text, wide } from './column.js';

/** Why a container that is over ended, in one word. */
const endOf = ({ reason, signal, exitCode }: Wire): string => reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

const isSidecar = (container: Wire): boolean => container?.restartPolicy === 'Always';

/** What keeps the init containers from being done; undefined when they are. */
function initReason({ spec, status }: KubeObject): string | undefined {
  const specs = new Map<string, Wire>((spec.initContainers ?? []).map((container: Wire) => [container.name, container]));
  const statuses: Wire[] = status?.initContainerStatuses ?? [];
  for (const [i, { name, state, started }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (isSidecar(specs.get(name)) && started) continue;
    if (state?.terminated) return `Init:${endOf(state.terminated)}`;
    const waiting = state?.waiting?.reason;
    return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${i}/${specs.size}`;
  }
  return undefined;
}

/** The last of the containers that has something to say decides. */
function containersReason({ status }: KubeObject, otherwise: string): string {
  let reason = otherwise;
  let isRunning = false;
  for (const { state, ready } of [...(status?.containerStatuses ?? [])].reverse()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = endOf(state.terminated);
    else if (state?.running && ready) isRunning = true;
  }
  if (reason !== 'Completed' || !isRunning) return reason;
  return (status?.conditions ?? []).some(({ type, status: said }: Wire) => type === 'Ready' && said === 'True') ? 'Running' : 'NotReady';
}

/** The word that tells how a pod is. */
export function podStatus(pod: KubeObject): string {
  const { status, metadata } = pod;
  const scheduled = (status?.conditions ?? []).find(({ type }: Wire) => type === 'PodScheduled');
  const base = status?.reason || (scheduled?.reason === 'SchedulingGated' ? 'SchedulingGated' : status?.phase) || '';
  const reason = initReason(pod) ?? containersReason(pod, base);
  if (!metadata.deletionTimestamp) return reason;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(status?.phase) ? reason : 'Terminating';
}

function restartsText({ status }: KubeObject, now: Date): string {
  const statuses: Wire[] = status?.containerStatuses ?? [];
  const restarts = statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const times = statuses.map(({ lastState }) => lastState?.terminated?.finishedAt ?? '').sort();
  const last = times.at(-1);
  return restarts === 0 || !last ? String(restarts) : `${restarts} (${since(last, now)} ago)`;
}

function readyText({ spec, status }: KubeObject): string {
  const statuses: Wire[] = status?.containerStatuses ?? [];
  const ready = statuses.filter(({ ready, state }) => ready && state?.running).length;
  return `${ready}/${(spec.containers ?? []).length + (spec.initContainers ?? []).filter(isSidecar).length}`;
}

function gatesText({ spec, status }: KubeObject): string {
  const gates: Wire[] = spec.readinessGates ?? [];
  if (gates.length === 0) return none;
  const open = gates.filter(({ conditionType }) =>
    (status?.conditions ?? []).some(({ type, status: said }: Wire) => type === conditionType && said === 'True'),
  );
  return `${open.length}/${gates.length}`;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  text('Ready', readyText),
  text('Status', podStatus),
  text('Restarts', restartsText),
  ageColumn,
  wide('IP', ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? none),
  wide('Node', ({ spec }) => spec.nodeName || none),
  wide('Nominated Node', ({ status }) => status?.nominatedNodeName || none),
  wide('Readiness Gates', gatesText),
];
