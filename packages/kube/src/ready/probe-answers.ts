import type { PortContext } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { type Container, type Pod, type Probe, paths } from '../objects.js';
import { redact } from './redact.js';

export interface KubeEvent extends KubeObject {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly type?: string | undefined;
  readonly lastTimestamp?: string | null | undefined;
  readonly eventTime?: string | null | undefined;
  readonly series?: { readonly lastObservedTime?: string | undefined } | null | undefined;
}

/** When an event was seen last, whichever of its shapes it has (KC DG-5). */
export const lastSeen = ({ series, lastTimestamp, eventTime, metadata }: KubeEvent): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

/** Warnings about one object, oldest first. */
export async function warningsOf({ api }: Cluster, { app, signal }: PortContext, name: string): Promise<readonly KubeEvent[]> {
  const { items } = await api.list<KubeEvent>(paths.events(app.namespace), { signal, query: { fieldSelector: `involvedObject.name=${name}` } });
  return items.filter(({ type }) => type === 'Warning').toSorted((a, b) => lastSeen(a).localeCompare(lastSeen(b)));
}

const failure = /^(Readiness|Liveness|Startup) probe (?:failed|errored)[^:]*:\s*([\s\S]*)$/;

const asked = (probe: Probe | undefined): string => (probe?.httpGet === undefined ? '' : ` GET ${probe.httpGet.path ?? '/'}`);

/** What a failed probe says, for people: `readiness GET /api/health answered 503`; undefined where the event is of something else. Pure. */
export function probeAnswer(message: string, containers: readonly Container[]): string | undefined {
  const [, kind, said = ''] = failure.exec(message) ?? [];
  if (kind === undefined) return undefined;
  const name = kind.toLowerCase();
  const probe = containers.map((each) => each[`${name}Probe` as 'readinessProbe']).find((each) => each !== undefined);
  const status = /statuscode: (\d+)/.exec(said)?.[1];
  if (status !== undefined) return `${name}${asked(probe)} answered ${status}`;
  const short = said
    .replace(/^Get "[^"]*":\s*/, '')
    .replace(/^dial tcp [^:]+:\d+:\s*/, '')
    .trim();
  return `${name}${asked(probe)}: ${redact(short).slice(0, 200) || 'failed'}`;
}

/** At most so often is asked. */
export const answersAfterMs = 2_000;

/** What the probes of pods that run without getting ready answered last. Asks seldom, and only for what is waited for; who may not read events hears less. */
export class ProbeAnswers {
  readonly #cluster: Cluster;
  readonly #context: PortContext;
  readonly #answers = new Map<string, string>();
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(cluster: Cluster, context: PortContext) {
    this.#cluster = cluster;
    this.#context = context;
  }

  async of(pod: Pod): Promise<string | undefined> {
    const { name } = pod.metadata;
    const now = this.#context.clock.monotonicMs();
    if (now - this.#askedAt >= answersAfterMs) {
      this.#askedAt = now;
      const events = await warningsOf(this.#cluster, this.#context, name).catch(() => []);
      this.#context.signal.throwIfAborted();
      const answer = events.map(({ message = '' }) => probeAnswer(message, pod.spec.containers)).findLast((each) => each !== undefined);
      if (answer !== undefined) this.#answers.set(name, answer);
    }
    return this.#answers.get(name);
  }
}
