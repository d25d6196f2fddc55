import type { Clock } from '@shepherd/core';
import type { KubeObject } from '../objects.js';
import type { Registry } from '../registry.js';
import { apiVersionOf } from '../resources.js';
import { qualified, StatusError } from '../status-error.js';
import type { Change } from '../store.js';
import { textOf } from './answer.js';
import type { Call } from './call.js';
import { filterOf, versionOf } from './list.js';

/** About once a minute, as the real server. */
const BOOKMARK_MS = 60_000;
/** The real server chooses between 30 and 60 minutes. */
const DEFAULT_TIMEOUT_SECONDS = 1800;
/** A client that does not read is cut off before it fills the memory. */
const MAX_WAITING = 10_000;

const encoder = new TextEncoder();
const line = (type: string, objectText: string): Uint8Array => encoder.encode(`{"type":"${type}","object":${objectText}}\n`);

type Filter = ((object: KubeObject) => boolean) | undefined;

/** How a change looks to a watch that sees only what its selector matches. */
function eventOf({ type, object, previous }: Change, filter: Filter, namespace: string | undefined): Uint8Array | undefined {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return undefined;
  if (!filter) return line(type.toUpperCase(), textOf(object));
  const matched = previous !== undefined && filter(previous);
  if (type === 'deleted') return matched ? line('DELETED', textOf(object)) : undefined;
  const matches = filter(object);
  if (matches) return line(matched ? 'MODIFIED' : 'ADDED', textOf(object));
  if (!matched || !previous) return undefined;
  // It has left the selection: shown as it was while it belonged, under the version of the change that took it away.
  const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion } };
  return line('DELETED', textOf(last));
}

function bookmark(registry: Registry, { info }: Call): Uint8Array {
  const metadata = { resourceVersion: String(registry.store.version), creationTimestamp: null };
  return line('BOOKMARK', JSON.stringify({ kind: info.kind, apiVersion: apiVersionOf(info), metadata }));
}

/** A stream of changes. Ends at its timeout, when the request is aborted, or when the reader goes. An expired version is an ERROR event in it. */
export function watch(registry: Registry, clock: Clock, call: Call): Response {
  const { info, namespace, query, request } = call;
  const filter = filterOf(call);
  const from = versionOf(query);
  const bookmarks = query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1';
  const timeoutMs = (Number(query.get('timeoutSeconds')) || DEFAULT_TIMEOUT_SECONDS) * 1000;
  const over = new AbortController();
  let stop = (): void => undefined;
  let end = (): void => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (chunk: Uint8Array): void => {
          if (over.signal.aborted) return;
          if ((controller.desiredSize ?? 0) < -MAX_WAITING) end();
          else controller.enqueue(chunk);
        };
        end = () => {
          if (over.signal.aborted) return;
          over.abort();
          stop();
          request.signal.removeEventListener('abort', end);
          controller.close();
        };
        if (request.signal.aborted) return end();
        request.signal.addEventListener('abort', end, { once: true });
        const onChange = (change: Change): void => {
          const event = eventOf(change, filter, namespace);
          if (event) send(event);
        };
        try {
          if (from === undefined || from === 0) {
            const present = registry.store.list(qualified(info), namespace);
            stop = registry.store.follow(qualified(info), registry.store.version, onChange);
            for (const object of present) if (!filter || filter(object)) send(line('ADDED', textOf(object)));
          } else stop = registry.store.follow(qualified(info), from, onChange);
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          send(line('ERROR', JSON.stringify(error.toStatus())));
          return end();
        }
        const everyMs = bookmarks ? BOOKMARK_MS : timeoutMs;
        const beat = (): void => {
          if (bookmarks) send(bookmark(registry, call));
        };
        void live(clock, { timeoutMs, everyMs }, over.signal, beat).then(end);
      },
      cancel() {
        over.abort();
        stop();
        request.signal.removeEventListener('abort', end);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private' } });
}

/** Beats until the time is up, and once just before, so that the client can go on from there. */
async function live(clock: Clock, { timeoutMs, everyMs }: { timeoutMs: number; everyMs: number }, signal: AbortSignal, beat: () => void): Promise<void> {
  const until = clock.monotonicMs() + timeoutMs;
  try {
    for (;;) {
      const left = until - clock.monotonicMs();
      if (left <= 0) return;
      await clock.sleep(Math.min(left, everyMs), signal);
      beat();
    }
  } catch {
    // Aborted: the stream is closed already.
  }
}
