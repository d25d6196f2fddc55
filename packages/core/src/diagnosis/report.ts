import type { PlatformNote } from '../ports/diagnosis.js';
import type { EvidenceOf } from '../ports/evidence.js';
import type { Outcome } from '../rollout/outcome.js';
import type { App } from '../words/app.js';
import type { Revision } from '../words/revision.js';
import type { FoundCause } from './cause.js';
import { registryText } from './rules/registry-text.js';
import { type Pod, Seen } from './seen.js';

/** What seems to be wrong, as the people know it who call: decides what is shown beside the causes, never which cause is found. */
export const troubles = ['outage', 'partial', 'slow', 'database', 'registry'] as const;
/** One of `troubles`. */
export type Trouble = (typeof troubles)[number];

/** What could not be read, and why. `right`: what is missing: `list nodes`. */
export interface Unread {
  readonly what: string;
  readonly reason: string;
  readonly right?: string | undefined;
  readonly message?: string | undefined;
}

/** Facts beside the causes, under a title. */
export interface Findings {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What was found. JSON. `state`: by the pods that are ready. `causes`: what explains most first; of an app that is well one that says so. */
export interface DiagnosisReport {
  readonly app: App;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** How long it took. */
  readonly ms: number;
  readonly about: Trouble | undefined;
  readonly state: 'healthy' | 'degraded' | 'down' | 'unknown';
  /** Pods that are ready, and those that are wanted. */
  readonly pods: { readonly ready: number; readonly wanted: number };
  readonly causes: readonly [FoundCause, ...FoundCause[]];
  readonly findings: readonly Findings[];
  readonly unread: readonly Unread[];
}

/** What core itself knows of an app. */
export interface Recent {
  readonly revisions: readonly Revision[];
  readonly outcome: Outcome | undefined;
  readonly notes: readonly PlatformNote[];
}

/** Where an app stands by its pods. Pure. */
export function stateOf(seen: Seen, [first]: readonly FoundCause[]): Pick<DiagnosisReport, 'state' | 'pods'> {
  const workloads = seen.all('workload');
  const wanted = Math.max(0, ...workloads.map(({ data }) => data.replicas));
  const ready = seen.pods.filter(({ data }) => data.ready).length;
  const pods = { ready, wanted };
  if (workloads.length === 0) return { state: 'unknown', pods };
  const reached = seen.all('service').every(({ data }) => data.ready > 0);
  if (wanted > 0 && (ready === 0 || !reached)) return { state: 'down', pods };
  return { state: first?.code === 'healthy' ? 'healthy' : 'degraded', pods };
}

/** What people want to see of this kind of trouble. Pure. */
export function findingsOf(seen: Seen, about: Trouble | undefined, recent: Recent): readonly Findings[] {
  const changes: Findings = { title: 'recent changes', lines: changeLines(recent) };
  const lists: Readonly<Record<Trouble, readonly Findings[]>> = {
    outage: [
      { title: 'nodes', lines: nodeLines(seen) },
      { title: 'dependencies', lines: dependencyLines(seen) },
      changes,
      { title: 'events', lines: noteLines(recent, 20) },
    ],
    partial: [{ title: 'pods that are not ready', lines: podLines(seen) }, changes, { title: 'events', lines: noteLines(recent, 20) }],
    slow: [
      { title: 'what the pods use', lines: usageLines(seen) },
      { title: 'autoscaler', lines: autoscalerLines(seen) },
      { title: 'nodes', lines: nodeLines(seen) },
      changes,
    ],
    database: [
      { title: 'dependencies', lines: dependencyLines(seen) },
      { title: 'secrets that the app names (names only)', lines: referenceLines(seen, 'start', 'mount') },
      changes,
    ],
    registry: [
      { title: 'images', lines: imageLines(seen) },
      { title: 'registries, asked from here without a login', lines: registryLines(seen) },
      { title: 'pull secrets', lines: referenceLines(seen, 'pull') },
      changes,
    ],
  };
  return about === undefined ? [changes] : lists[about];
}

const changeLines = ({ revisions, outcome }: Recent): readonly string[] => [
  ...(outcome === undefined ? [] : [`last rollout ${outcome.rolloutId}: ${outcome.kind}, begun ${outcome.startedAt}`]),
  ...revisions
    .slice(0, 5)
    .map(
      ({ at, hash, images, verified, bad }) => `${at} ${hash} ${images.join(', ')}${bad === undefined ? (verified ? ' (verified)' : '') : ` (bad: ${bad})`}`,
    ),
];

const noteLines = ({ notes }: Recent, count: number): readonly string[] =>
  notes.slice(-count).map(({ at, object, reason, message, count: times }) => `${at} ${object} ${reason}${times > 1 ? ` ×${times}` : ''}: ${message}`);

const nodeLines = (seen: Seen): readonly string[] =>
  seen
    .all('node')
    .map(
      ({ object, data }) =>
        `${object}: ${data.ready === 'True' ? 'ready' : `not ready (${data.ready})`}${data.cordoned ? ', cordoned' : ''}${data.pressure.length === 0 ? '' : `, ${data.pressure.join(', ')}`}, ${data.pods.length} pods of the app`,
    );

const dependencyLines = (seen: Seen): readonly string[] => {
  const lines = seen
    .all('dependency')
    .map(({ data }) => `${data.name} ${data.address}: name ${data.dns}, port ${data.tcp}, login ${data.auth} (asked from ${data.from})`);
  return lines.length > 0 ? lines : ['none declared: --dependency mongodb=mongodb-0.mongodb-headless.mongodb.svc:27017'];
};

const podLines = (seen: Seen): readonly string[] => seen.unwell.map((pod) => `${pod.object}: ${stateLine(seen, pod)}`);

function stateLine(seen: Seen, { object, data }: Pod): string {
  const containers = seen.containers.filter((each) => `Pod ${each.data.pod}` === object && !each.data.ready);
  const said = containers.map(
    ({ data: { name, reason, state, restarts, endedCode } }) =>
      `${name} ${reason ?? state}, ${restarts} restarts${endedCode === undefined ? '' : `, last exit code ${endedCode}`}`,
  );
  return said.length === 0 ? (data.unplaced ?? data.reason ?? data.phase) : said.join('; ');
}

function usageLines(seen: Seen): readonly string[] {
  const of = (used: number, limit: number | undefined, unit: string): string => `${used}${unit}${limit === undefined ? '' : ` of ${limit}${unit}`}`;
  const used = seen.all('usage').toSorted((a, b) => b.data.cpu - a.data.cpu || (a.object < b.object ? -1 : 1));
  if (used.length === 0) return ['not known: the cluster serves no pod metrics (metrics-server)'];
  return used.map(
    ({ object, data }: EvidenceOf<'usage'>) => `${object}: CPU ${of(data.cpu, data.cpuLimit, 'm')}, memory ${of(data.memory, data.memoryLimit, 'Mi')}`,
  );
}

const autoscalerLines = (seen: Seen): readonly string[] => {
  const lines = seen.all('autoscaler').map(({ object, data }) => `${object}: ${data.current} pods, wants ${data.wanted}, ${data.min} to ${data.max}`);
  return lines.length > 0 ? lines : ['none'];
};

const imageLines = (seen: Seen): readonly string[] => [
  ...new Set(seen.containers.map(({ data }) => `${data.image}: ${data.state === 'waiting' ? (data.reason ?? 'waiting') : 'pulled'}`)),
];

const registryLines = (seen: Seen): readonly string[] => {
  const lines = seen.all('registry').map((each) => `${each.data.image}: ${registryText(each)}`);
  return lines.length > 0 ? lines : ['none was asked'];
};

const referenceLines = (seen: Seen, ...uses: readonly string[]): readonly string[] => {
  const lines = seen.all('reference').filter(({ data }) => uses.includes(data.for));
  return lines.length === 0
    ? ['none']
    : lines.map(
        ({ object, data }) =>
          `${object}${data.key === undefined ? '' : `, key ${data.key}`}: ${data.unread === true ? 'not looked for' : data.missing === undefined ? `there${data.type === undefined ? '' : ` (${data.type})`}` : `its ${data.missing} is missing`}`,
      );
};
