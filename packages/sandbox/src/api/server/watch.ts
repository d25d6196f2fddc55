import type { Clock } from '@shepherd/core';
import { isLag, isWatchFault } from '../faults/fault.js';
import { WatchTap } from '../faults/watch-tap.js';
import { forbiddenField } from '../kinds/causes.js';
import type { KubeObject } from '../objects.js';
import type { Registry } from '../registry.js';
import { apiVersionOf } from '../resources.js';
import { invalid, qualified, type StatusCause, StatusError } from '../status-error.js';
import type { Change } from '../store.js';
import type { Answer } from './answer.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import { writerFor } from './form.js';
import { filterOf, seenVersion, versionOf } from './list.js';

/** About once a minute, as the real server. */
const BOOKMARK_MS = 60_000;
/** The real server chooses between 30 and 60 minutes. */
const DEFAULT_TIMEOUT_SECONDS = 1800;
/** A client that does not read is cut off before it fills the memory. */
const MAX_WAITING = 10_000;

const encoder = new TextEncoder();
const line = (type: string, objectText: string): Uint8Array => encoder.encode(`{"type":"${type}","object":${objectText}}\n`);

type Filter = ((object: KubeObject) => boolean) | undefined;

/** What a watch that sees only what its selector matches is told of a change. */
function eventOf({ type, object, previous }: Change, filter: Filter, namespace: string | undefined): [type: string, object: KubeObject] | undefined {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return undefined;
  if (!filter) return [type.toUpperCase(), object];
  const matched = previous !== undefined && filter(previous);
  if (type === 'deleted') return matched ? ['DELETED', object] : undefined;
  const matches = filter(object);
  if (matches) return [matched ? 'MODIFIED' : 'ADDED', object];
  if (!matched || !previous) return undefined;
  // It has left the selection: shown as it was while it belonged, under the version of the change that took it away.
  return ['DELETED', { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion } }];
}

/** Marks the end of what was there when the watch began, for clients that asked for it instead of a list. */
const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };

function bookmark(registry: Registry, { info }: Call, annotations?: object): Uint8Array {
  const metadata = { resourceVersion: String(registry.store.version), ...(annotations && { annotations }) };
  return line('BOOKMARK', JSON.stringify({ kind: info.kind, apiVersion: apiVersionOf(info), metadata }));
}

const isTrue = (value: string | null): boolean => value === '1' || value === 'true';

/** Where a watch begins. @throws StatusError 422 for options that do not go together */
function startOf({ query }: Call): { readonly from: number | undefined; readonly initial: boolean; readonly marked: boolean } {
  const from = versionOf(query);
  const asked = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch');
  const refuse = (cause: StatusCause): StatusError => invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [cause]);
  if (asked === null) {
    if (match) throw refuse(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    return { from, initial: from === undefined || from === 0, marked: false };
  }
  if (match !== 'NotOlderThan') {
    throw refuse(forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  return { from, initial: isTrue(asked), marked: isTrue(asked) };
}

/** A stream of changes. Ends at its timeout, when the request is aborted, or when the reader goes. An expired version is an ERROR event in it. */
export function watch({ registry, clock, faults }: ServerContext, call: Call): Answer {
  const { info, namespace, query, request, fault } = call;
  const filter = filterOf(call);
  const { from, initial, marked } = startOf(call);
  const writer = writerFor(call, () => clock.now());
  let headed = true;
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const timeoutMs = (Number(query.get('timeoutSeconds')) || DEFAULT_TIMEOUT_SECONDS) * 1000;
  const over = new AbortController();
  let stop = (): void => undefined;
  let end = (): void => undefined;
  let leave = (): void => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (chunk: Uint8Array): void => {
          if (over.signal.aborted) return;
          if ((controller.desiredSize ?? 0) < -MAX_WAITING) end();
          else controller.enqueue(chunk);
        };
        const close = (how: () => void): void => {
          if (over.signal.aborted) return;
          over.abort();
          leave();
          how();
        };
        end = () => close(() => controller.close());
        const tap = new WatchTap(clock, { send, end, break: (error) => close(() => controller.error(error)) });
        const left = faults.running(tap, call.asked());
        leave = () => {
          left();
          tap.close();
          stop();
          request.signal.removeEventListener('abort', end);
        };
        if (request.signal.aborted) return end();
        request.signal.addEventListener('abort', end, { once: true });
        if (fault !== undefined && (isWatchFault(fault) || isLag(fault))) tap.meet(fault);
        if (over.signal.aborted) return;
        const tell = (type: string, object: KubeObject, atMs: number): void => {
          tap.say(line(type, writer.line(object, headed)), atMs, true);
          headed = false;
        };
        const mark = (annotations?: object): void => tap.say(bookmark(registry, call, annotations), clock.monotonicMs(), false);
        const onChange = (change: Change): void => {
          const event = eventOf(change, filter, namespace);
          if (event) tell(...event, change.atMs);
        };
        try {
          if (initial) {
            const seen = seenVersion(registry, call);
            const present = registry.store.listAt(qualified(info), namespace, seen);
            for (const object of present) if (!filter || filter(object)) tell('ADDED', object, Number.NEGATIVE_INFINITY);
            if (marked && bookmarks) mark(INITIAL_END);
            if (!over.signal.aborted) stop = registry.store.follow(qualified(info), seen, onChange);
          } else stop = registry.store.follow(qualified(info), from || registry.store.version, onChange);
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          tap.say(line('ERROR', JSON.stringify(error.toStatus())), Number.NEGATIVE_INFINITY, false);
          return tap.say(undefined, Number.NEGATIVE_INFINITY, false);
        }
        const everyMs = bookmarks ? BOOKMARK_MS : timeoutMs;
        const beat = (): void => {
          if (bookmarks) mark();
        };
        void live(clock, { timeoutMs, everyMs }, over.signal, beat).then(() => tap.say(undefined, Number.NEGATIVE_INFINITY, false));
      },
      cancel() {
        over.abort();
        leave();
      },
    },
    { highWaterMark: 0 },
  );
  return { status: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private' }, body };
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
