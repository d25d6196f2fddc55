import { type EvidenceOf, type PortContext, withDeadline } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { manyListeners } from '../api/on-abort.js';
import type { Cluster } from '../cluster.js';

/** Of each read; two come one after the other. */
const readMs = 4_000;

class Late extends Error {
  override readonly name = 'Late';
}

/** Reads that each have their own deadline, and whose failure is told and not thrown (KC DG-6). */
export class Reads {
  readonly cluster: Cluster;
  readonly context: PortContext;
  readonly #unread = new Map<string, EvidenceOf<'unread'>>();

  constructor(cluster: Cluster, context: PortContext) {
    this.cluster = cluster;
    this.context = { ...context, signal: manyListeners(context.signal) };
  }

  /** What could not be read since this was called last. */
  takeUnread(): readonly EvidenceOf<'unread'>[] {
    const all = [...this.#unread.values()];
    this.#unread.clear();
    return all;
  }

  list<T extends KubeObject>(object: string, right: string, path: string): Promise<readonly T[]> {
    return this.attempt(object, right, [], async (signal) => (await this.cluster.api.list<T>(path, { signal })).items);
  }

  /** The work, or what it is `otherwise`. @throws the signal's reason where the reader has left */
  async attempt<T>(object: string, right: string, otherwise: T, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, signal } = this.context;
    try {
      return await withDeadline({ clock, ms: readMs, signals: [signal], onTimeout: () => new Late(`no answer within ${readMs / 1_000} s`) }, work);
    } catch (error) {
      signal.throwIfAborted();
      this.#unread.set(object, unreadOf(object, right, error));
      return otherwise;
    }
  }

  /** Like `attempt`, for an API that a cluster need not have. */
  optional<T>(object: string, right: string, otherwise: T, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.attempt(object, right, otherwise, async (signal) => {
      try {
        return await work(signal);
      } catch (error) {
        // Kubernetes answers 503 where the server behind an API is gone: that is worth a line.
        if (KubeError.is(error, 404)) return otherwise;
        throw error;
      }
    });
  }
}

function unreadOf(object: string, right: string, error: unknown): EvidenceOf<'unread'> {
  const base = { source: 'unread', object, check: `kubectl auth can-i ${right}` } as const;
  const message = error instanceof Error ? error.message.slice(0, 300) : String(error);
  if (KubeError.is(error, 403)) return { ...base, data: { reason: 'forbidden', right } };
  if (error instanceof Late || (KubeError.is(error, 0) && error.reason === 'Timeout')) return { ...base, data: { reason: 'timeout' } };
  return { ...base, data: { reason: 'failed', message } };
}
