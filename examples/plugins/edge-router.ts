// A router of one's own: a load balancer before the cluster that sends each app's users to its Service, or to the `-preview` one where its candidate is.
// Its API: `GET /apps/shop/web` answers `{ "candidate": 0, "fence": 3 }` with an ETag, `PUT` with `If-Match` stores that, or answers 412 where somebody wrote meanwhile.
import { type Duration, type Platform, type PortContext, readSecret, type SecretSource, ShepherdError, toMs, type WriteContext } from '@shepherd/core';

export interface EdgeOptions {
  readonly url: string;
  readonly token: SecretSource;
  /** How long the cluster's own routing may take to follow its pods: users are moved that much later, so that none is sent to a pod that is gone. @default '5s' */
  readonly settle?: Duration | undefined;
}

interface Stored {
  /** Percent of requests to the candidate: 0 or 100. */
  readonly candidate: number;
  /** Of the last writer. */
  readonly fence: number;
}

/** The platform with this router in place of its own: releases, pods, journal and lock stay what they are. */
export function atTheEdge<R>(platform: Platform<R>, { url, token, settle = '5s' }: EdgeOptions): Platform<R> {
  const { tracks } = platform;
  return {
    ...platform,
    router: {
      describe: async () => ({ name: 'edge', granularity: 'binary' }),
      get: async (context) => (await read(context)).stored.candidate,
      async set(context, weight) {
        const wanted = weight > 0 ? 100 : 0;
        if ((await read(context)).stored.candidate !== wanted) await context.clock.sleep(toMs(settle), context.signal);
        return await write(context, wanted);
      },
    },
    // One by one: a port may be an object of a class, which cannot be spread.
    tracks: {
      inspect: (context) => tracks.inspect(context),
      scale: (context, track, replicas) => tracks.scale(context, track, replicas),
      remove: (context, track) => tracks.remove(context, track),
      watch: (context, track) => tracks.watch(context, track),
      // The platform looks whether somebody else switched its Services. Here they are never switched.
      drift: async (context, expected) => (await tracks.drift?.(context, { ...expected, weight: undefined })) ?? [],
    },
    /** From here on nothing that an earlier holder of the lock sends is stored. */
    async fence(context) {
      await platform.fence?.(context);
      await write(context);
    },
  };

  /** Only over what was read, and only by the newest holder. Without a candidate: the fence alone. @returns the weight as it is stored */
  async function write(context: WriteContext, candidate?: number): Promise<number> {
    for (;;) {
      const { stored, tag } = await read(context);
      if (stored.fence > context.fence) throw lost(context);
      const body = JSON.stringify({ candidate: candidate ?? stored.candidate, fence: context.fence });
      const response = await ask(context, { method: 'PUT', body, headers: { 'if-match': tag } });
      if (response.ok) return (await read(context)).stored.candidate;
      if (response.status !== 412) throw unreachable(`answered ${response.status}`);
    }
  }

  async function read(context: PortContext): Promise<{ readonly stored: Stored; readonly tag: string }> {
    const response = await ask(context, {});
    if (!response.ok) throw unreachable(`answered ${response.status}`);
    const { candidate, fence } = (await response.json()) as Partial<Stored>;
    // Not zero where it is missing: nobody may take silence for an answer.
    if (typeof candidate !== 'number' || typeof fence !== 'number') throw unreachable('answered something else than a weight');
    return { stored: { candidate, fence }, tag: response.headers.get('etag') ?? '' };
  }

  async function ask({ app, signal }: PortContext, init: RequestInit & { readonly headers?: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${await readSecret(token)}` };
    const path = `/apps/${encodeURIComponent(app.namespace)}/${encodeURIComponent(app.name)}`;
    return await fetch(`${url}${path}`, { ...init, headers, signal, redirect: 'error' }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable('no answer', error);
    });
  }
}

const unreachable = (reason: string, cause?: unknown): ShepherdError =>
  new ShepherdError('ERR_UNREACHABLE', `the load balancer: ${reason}`, {
    facts: { what: 'the load balancer', reason },
    remedy: 'see whether it runs, and whether its token is valid',
    retryable: true,
    cause,
  });

const lost = ({ rolloutId }: WriteContext): ShepherdError =>
  new ShepherdError('ERR_LOCK_LOST', `the load balancer has been written by a later holder of the lock than ${rolloutId}`, {
    facts: { rolloutId, holder: 'a later one' },
    remedy: 'shepherd status says who drives now',
  });
