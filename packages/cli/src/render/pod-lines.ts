import type { PodState } from '@shepherd/core';
import type { PodChange } from '@shepherd/core/diagnosis';
import { table } from './table.js';

const age = (createdAt: string, nowMs: number): string => {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(createdAt)) / 1_000));
  return seconds < 120
    ? `${seconds}s`
    : seconds < 7_200
      ? `${Math.floor(seconds / 60)}m`
      : seconds < 172_800
        ? `${Math.floor(seconds / 3_600)}h`
        : `${Math.floor(seconds / 86_400)}d`;
};

/** Pods as people know them from kubectl, with the track and the image beside. */
export function podTable(pods: readonly PodState[], nowMs: number): readonly string[] {
  const row = (pod: PodState): string[] => [
    `  ${pod.name}`,
    pod.track,
    `${pod.ready}/${pod.containers}`,
    pod.state,
    String(pod.restarts),
    age(pod.createdAt, nowMs),
    pod.images.join(', '),
  ];
  return table([['  POD', 'TRACK', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IMAGE'], ...pods.map(row)]);
}

const ready = ({ ready: is, containers }: PodState): string => `${is}/${containers} ready`;

/** One change in one line: what differs, from what to what. */
export function podLine(change: PodChange): string {
  if (change.kind === 'went') return `- ${change.before.name}  ${change.before.track}  gone`;
  const { pod } = change;
  if (change.kind === 'came') return `+ ${pod.name}  ${pod.track}  ${pod.images.join(', ')}  ${ready(pod)}  ${pod.state}`;
  const { before } = change;
  const parts = [
    before.state === pod.state ? pod.state : `${before.state} → ${pod.state}`,
    ...(before.ready === pod.ready ? [] : [`${ready(before)} → ${ready(pod)}`]),
    ...(before.restarts === pod.restarts ? [] : [`${pod.restarts} restarts`]),
    ...(before.track === pod.track ? [] : [`${before.track} → ${pod.track}`]),
    ...(before.node === pod.node || pod.node === undefined ? [] : [`on ${pod.node}`]),
  ];
  return `  ${pod.name}  ${pod.track}  ${parts.join('  ')}`;
}
