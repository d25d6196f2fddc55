import type { PortContext } from '../../ports/context.js';

/** One call of a port. */
export interface MemoryCall {
  /** Port and method: `tracks.scale`, `journal.save`, `lock.renew`, `http.ask`. */
  readonly name: string;
  /** What came after the context. */
  readonly args: readonly unknown[];
  /** It stores something. */
  readonly writes: boolean;
  readonly rolloutId: string | undefined;
  /** Time of the clock's `monotonicMs`. */
  readonly atMs: number;
}

/**
 * Sees each call before and after its work. A throw is what the caller gets: `before`, nothing was done; `after`, it was done and the answer got lost.
 * A watch is seen once, before.
 */
export type OnCall = (call: MemoryCall, when: 'before' | 'after') => void | Promise<void>;

const writing = new Set([
  'fence',
  'save',
  'post',
  'take',
  'acquire',
  'break',
  'renew',
  'release',
  'apply',
  'promote',
  'restore',
  'mark',
  'scale',
  'remove',
  'set',
  'hold',
]);
const streaming = new Set(['tracks.watch', 'journal.watch', 'journal.list', 'incidents.list', 'diagnosis.pods', 'diagnosis.read']);

type Methods = Readonly<Record<string, unknown>>;
type Method = (...args: unknown[]) => unknown;

/** A port whose calls are logged and can be made to fail. Fields that are no methods, and `accepts`, which is no call, stay. */
export function traced<T extends object>(port: string, methods: T, log: MemoryCall[], onCall: OnCall | undefined, nowMs: () => number): T {
  const wrap = (method: string, work: Method): Method => {
    const name = `${port}.${method}`;
    const begin = (args: readonly unknown[]): MemoryCall => {
      const [first, ...rest] = args;
      const context = typeof first === 'object' && first !== null && 'signal' in first ? (first as PortContext) : undefined;
      const call = { name, args: context === undefined ? args : rest, writes: writing.has(method), rolloutId: context?.rolloutId, atMs: nowMs() };
      log.push(call);
      context?.signal.throwIfAborted();
      return call;
    };
    if (streaming.has(name)) {
      return async function* (...args) {
        const [first] = args;
        // A watch whose signal has aborted ends quietly.
        if ((first as PortContext | undefined)?.signal?.aborted) return;
        await onCall?.(begin(args), 'before');
        yield* work.apply(methods, args) as AsyncIterable<unknown>;
      } as Method;
    }
    return async (...args) => {
      const call = begin(args);
      await onCall?.(call, 'before');
      const result = await work.apply(methods, args);
      await onCall?.(call, 'after');
      return result;
    };
  };
  const entries = Object.entries(methods as Methods).map(([key, value]) => [
    key,
    typeof value === 'function' && key !== 'accepts' ? wrap(key, value as Method) : value,
  ]);
  return Object.fromEntries(entries) as T;
}
