// A metrics provider of one's own, over any HTTP API that sums counters by a window: here, one that answers `GET /counts?app=…&version=…&from=…&to=…` with
// `{ "requests": 120, "errors": 3, "latency": [{ "le": 0.5, "count": 110 }, { "le": null, "count": 120 }] }`, or with `{}` where it knows nothing.
import {
  type Counts,
  type Duration,
  type Finding,
  formatApp,
  type MetricsProvider,
  type MetricsReading,
  type MetricsRequest,
  type PortContext,
  readSecret,
  type SecretSource,
  type TrackName,
} from '@shepherd/core';

export interface JsonMetricsOptions {
  /** Of the API, without `/counts`. */
  readonly url: string;
  readonly token?: SecretSource | undefined;
  /** How late the API learns of requests. @default '30s' */
  readonly lag?: Duration | undefined;
}

/** What the API answers: counts within the window. */
interface Window {
  readonly requests?: number;
  readonly errors?: number;
  readonly latency?: readonly { readonly le: number | null; readonly count: number }[];
}

const tracks = ['stable', 'candidate'] as const satisfies readonly TrackName[];

export function jsonMetrics({ url, token, lag = '30s' }: JsonMetricsOptions): MetricsProvider {
  return {
    specificationVersion: 'v1',
    name: 'json-metrics',
    lag,
    read: (request, context) => read(request, context),

    /** A wrong address or token is found before the first write, with what to do. */
    async preflight(context: PortContext): Promise<readonly Finding[]> {
      const now = context.clock.now();
      try {
        await ask({ app: formatApp(context.app), from: new Date(now.getTime() - 60_000).toISOString(), to: now.toISOString() }, context.signal);
        return [];
      } catch (error) {
        context.signal.throwIfAborted();
        const message = `metrics cannot be read: ${error instanceof Error ? error.message : String(error)}`;
        return [{ id: 'json-metrics', level: 'error', message, fix: 'correct url and token', object: url }];
      }
    },
  };

  async function read(request: MetricsRequest, context: PortContext): Promise<MetricsReading> {
    const { since, at } = request;
    // Both tracks for the same window; what throws is taken for `unreachable`.
    const [stable, candidate] = await Promise.all(tracks.map((track) => countsOf(track, request, context)));
    if (stable === 'no-data' || candidate === 'no-data') {
      return {
        kind: 'unavailable',
        reason: 'no-data',
        detail: `nothing is known of ${stable === 'no-data' ? 'stable' : 'candidate'} between ${since} and ${at}`,
      };
    }
    return { kind: 'increments', since, at, tracks: { stable, candidate } };
  }

  async function countsOf(
    track: TrackName,
    { tracks: asked, since, at, bounds }: MetricsRequest,
    context: PortContext,
  ): Promise<Counts | 'no-data' | undefined> {
    const version = asked[track]?.revision;
    if (version === undefined) return undefined;
    const { requests, errors, latency } = await ask({ app: formatApp(context.app), version, from: since, to: at }, context.signal);
    // Missing is not zero: nobody may take silence for a good sign.
    if (requests === undefined) return 'no-data';
    return { requests: count(requests), errors: count(errors ?? 0), slow: slowOf(latency, bounds) };
  }

  /** Parameters are encoded, so that no name of an app can become another question. */
  async function ask(parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Window> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${await readSecret(token)}` };
    // A redirect would take the token to another host.
    const response = await fetch(`${url}/counts?${new URLSearchParams(parameters)}`, { signal, headers, redirect: 'error' });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const body: unknown = await response.json();
    if (typeof body !== 'object' || body === null || 'status' in body) throw new Error('answered something else than counts');
    return body as Window;
  }
}

/** Requests above each bound; none at all where the API has no such bucket, so that latency is not read, rather than guessed. */
function slowOf(latency: Window['latency'], bounds: readonly number[]): readonly number[] {
  const all = latency?.find(({ le }) => le === null)?.count;
  const slow = bounds.flatMap((bound) => (latency ?? []).filter(({ le }) => le === bound).map((bucket) => count(all) - count(bucket.count)));
  return slow.length === bounds.length ? slow : [];
}

/** A count, or no reading at all. */
function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new Error(`answered ${JSON.stringify(value)} where a count was asked for`);
  return value;
}
