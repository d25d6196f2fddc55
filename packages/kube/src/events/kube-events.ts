import type { ObservedRollout, Observer, RolloutEvent } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { paths } from '../objects.js';
import { readWorkload } from '../workload.js';
import { eventOf, type Note, noteOf } from './event-of.js';

/** More than that waits for a cluster that does not answer: what is new says more than what is old. */
const mostWaiting = 100;
const writeMs = 5_000;

interface Waiting {
  readonly note: Note;
  readonly at: Date;
  readonly sequence: number;
}

/** Of one rollout that runs. */
interface Line {
  readonly waiting: Waiting[];
  workload: { readonly name: string; readonly uid?: string | undefined } | undefined;
  /** The rollout is over: nothing more comes. */
  ended: boolean;
  /** Nothing more is tried: it is not allowed here. */
  closed: boolean;
  working: Promise<void> | undefined;
}

/**
 * Tells by Events on the app's Deployment what a rollout does (`kubectl events --for deployment/web`). Best effort: nothing waits for it, a write has five seconds,
 * and where it is not allowed there are none. A cluster keeps Events for an hour: they are never the history.
 */
export class KubeEvents implements Observer {
  readonly specificationVersion = 'v1';
  readonly name = 'kubernetes events';
  readonly #cluster: Cluster;
  readonly #lines = new Map<string, Line>();
  readonly #closed = new AbortController();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  observe(event: RolloutEvent, rollout: ObservedRollout): void {
    const note = noteOf(event, rollout);
    const line = this.#lines.get(rollout.id) ?? { waiting: [], workload: undefined, ended: false, closed: false, working: undefined };
    if (note === undefined || line.closed || this.#closed.signal.aborted) return;
    this.#lines.set(rollout.id, line);
    line.ended = event.type === 'rollout-end';
    line.waiting.push({ note, at: new Date(event.at), sequence: event.sequence });
    if (line.waiting.length > mostWaiting) line.waiting.shift();
    this.#start(line, rollout);
  }

  #start(line: Line, rollout: ObservedRollout): void {
    line.working ??= this.#work(line, rollout).finally(() => {
      line.working = undefined;
      // What came between its last look and now.
      if (line.waiting.length > 0 && !line.closed) this.#start(line, rollout);
      else if (line.ended) this.#lines.delete(rollout.id);
    });
  }

  /** Its platform is closed: nothing more is tried, though a disposal that ran out of time is still at it. */
  stop(): void {
    this.#closed.abort();
    for (const { waiting } of this.#lines.values()) waiting.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ working }) => working));
  }

  async #work(line: Line, { app, id }: ObservedRollout): Promise<void> {
    for (let next = line.waiting.shift(); next !== undefined && !line.closed; next = line.waiting.shift()) {
      const { note, at, sequence } = next;
      try {
        line.workload ??= await this.#workloadOf(app);
        const name = `${line.workload.name.slice(0, 200)}.${at.getTime().toString(16)}.${sequence.toString(16)}`;
        const body = eventOf(note, { app, rolloutId: id, at, workload: line.workload, name });
        await this.#cluster.api.create(paths.newEvents(app.namespace), body, { signal: this.#closed.signal, timeoutMs: writeMs });
      } catch (error) {
        line.closed = isFinal(error) || this.#closed.signal.aborted;
      }
    }
  }

  async #workloadOf(app: ObservedRollout['app']): Promise<NonNullable<Line['workload']>> {
    const { stable } = await readWorkload(this.#cluster, app, this.#closed.signal);
    const { name, uid } = stable.metadata;
    return { name, ...(uid === undefined ? {} : { uid }) };
  }
}

/** No rights, or an API that a cluster does not have. */
const isFinal = (error: unknown): boolean => KubeError.is(error, 401) || KubeError.is(error, 403) || KubeError.is(error, 404);
