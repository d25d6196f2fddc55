import { observe } from '../engine/observe.js';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import type { PortContext } from '../ports/context.js';
import type { Http } from '../ports/http.js';
import type { Platform } from '../ports/platform.js';
import { partsOf } from '../rollout/clusters.js';
import { inside, type Shepherd } from '../shepherd.js';
import type { App, AppRef } from '../words/app.js';
import { type Baseline, type BaselineComparison, type BaselineLimits, compareBaselines, figuresOf } from './figures.js';

export interface BaselineOptions {
  /** @default 1000 */
  readonly requests?: number | undefined;
  /** At a time. @default 10 */
  readonly concurrency?: number | undefined;
  /** @default where the app says that it is well, else '/' */
  readonly path?: string | undefined;
  /** Sends one request and says whether it was answered; undefined: through the platform, to the Service of the app. */
  readonly send?: ((signal: AbortSignal) => Promise<boolean>) | undefined;
  readonly limits?: BaselineLimits | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A load, and how it compares with the revision before. JSON. */
export interface Measured {
  readonly app: App;
  readonly now: Baseline;
  /** With the newest baseline of another revision, asked in the same way; undefined: there is none. */
  readonly compared: BaselineComparison | undefined;
  /** False where the platform keeps none. */
  readonly stored: boolean;
}

/**
 * Sends requests to the version that serves, a few at a time, and keeps the figures with its revision, so that the next one is held against them. Writes nothing
 * else. @throws ShepherdError ERR_INVALID_OPTIONS, ERR_APP_NOT_FOUND
 */
export async function baseline(shepherd: Shepherd<never>, ref: AppRef, options: BaselineOptions = {}): Promise<Measured> {
  const { requests = 1_000, concurrency = 10, send, limits, signal = new AbortController().signal } = options;
  for (const [path, value, most] of [
    ['requests', requests, 1_000_000],
    ['concurrency', concurrency, 1_000],
  ] as const)
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw invalidOptions([{ path, got: String(value), expected: `a whole number from 1 to ${most}` }]);
  const { platform, context, app } = await inside(shepherd).locate(partsOf(ref), signal);
  const { stable } = await observe(platform, context, false);
  if (stable === undefined) {
    throw new ShepherdError('ERR_APP_NOT_FOUND', `${app.name} does not run yet`, { facts: { app: app.name, near: [] }, remedy: 'release it first' });
  }
  const path = options.path ?? (await platform.healthPath?.(context)) ?? '/';
  const { times, failed, seconds } = await load(context, { requests, concurrency, send: send ?? through(platform, context, path) });
  const { hash, images } = stable.revision;
  const now: Baseline = {
    hash,
    images,
    at: context.clock.now().toISOString(),
    via: send === undefined ? 'platform' : 'url',
    path,
    concurrency,
    ...figuresOf(times, failed, seconds),
  };
  const known = (await platform.baselines?.read(context)) ?? {};
  const before = Object.values(known)
    .map((each) => each as Baseline)
    .filter((each) => each.hash !== hash && each.via === now.via && each.path === path)
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  await platform.baselines?.write(context, hash, now);
  return { app, now, compared: before === undefined ? undefined : compareBaselines(before, now, limits), stored: platform.baselines !== undefined };
}

function through(platform: Platform<unknown>, context: PortContext, path: string): (signal: AbortSignal) => Promise<boolean> {
  const http: Http = platform.http(context);
  return async () => {
    const [reply] = await http('service', path);
    return reply !== undefined && reply.status > 0 && reply.status < 500;
  };
}

interface Load {
  readonly requests: number;
  readonly concurrency: number;
  readonly send: (signal: AbortSignal) => Promise<boolean>;
}

/** So many at a time, each worker the next as soon as its last was answered. */
async function load({ clock, signal }: PortContext, { requests, concurrency, send }: Load) {
  const times: number[] = [];
  let [left, failed] = [requests, 0];
  const began = clock.monotonicMs();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      signal.throwIfAborted();
      const sent = clock.monotonicMs();
      const answered = await send(signal).catch(() => false);
      signal.throwIfAborted();
      times.push(clock.monotonicMs() - sent);
      if (!answered) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, worker));
  return { times, failed, seconds: (clock.monotonicMs() - began) / 1_000 };
}
