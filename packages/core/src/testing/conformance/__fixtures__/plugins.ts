import type { Counts, MetricsProvider, MetricsReading, MetricsRequest } from '../../../ports/metrics-provider.js';
import type { PortContext } from '../../../ports/context.js';
import type { Delivery, Notice, Notifier, NotifyContext } from '../../../ports/notifier.js';

type Read = (request: MetricsRequest, context: PortContext) => Promise<MetricsReading>;

/** A provider of increments over `GET /counts?revision=…`. */
export const provider = (url: string, change: (read: Read) => Partial<MetricsProvider> = () => ({})): MetricsProvider => {
  const counts = async (revision: string | undefined, signal: AbortSignal): Promise<Counts | 'no-data' | undefined> => {
    if (revision === undefined) return undefined;
    const response = await fetch(`${url}/counts?revision=${revision}`, { signal });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const body = (await response.json()) as Counts & { readonly kind?: string };
    if (body.kind === 'no-data') return 'no-data';
    if (typeof body.requests !== 'number') throw new Error('answered something else');
    return { requests: body.requests, errors: body.errors, slow: body.slow };
  };
  const read: Read = async ({ since, at, tracks }, { signal }) => {
    const [stable, candidate] = await Promise.all([counts(tracks.stable?.revision, signal), counts(tracks.candidate?.revision, signal)]);
    if (stable === 'no-data' || candidate === 'no-data') return { kind: 'unavailable', reason: 'no-data', detail: 'nothing is stored' };
    return { kind: 'increments', since, at, tracks: { stable, candidate } };
  };
  return { specificationVersion: 'v1', name: 'counts', lag: '10s', read, ...change(read) };
};

export const counterProvider = (url: string): MetricsProvider =>
  provider(url, (read) => ({
    read: async (request, context) => {
      const reading = await read(request, context);
      if (reading.kind !== 'increments') return reading;
      const targets = (['stable', 'candidate'] as const).flatMap((track) => {
        const counts = reading.tracks[track];
        return counts === undefined ? [] : [{ track, target: `${track}-1`, sampledAt: request.since, ...counts }];
      });
      return { kind: 'counters', at: request.at, targets };
    },
  }));

export const answerCounts = (_asked: unknown, counts: Counts | 'no-data'): unknown => (counts === 'no-data' ? { kind: 'no-data' } : counts);

const zero: Counts = { requests: 0, errors: 0, slow: [0] };
const increments = ({ since, at }: MetricsRequest, stable: Counts | undefined, candidate: Counts | undefined): MetricsReading => ({
  kind: 'increments',
  since,
  at,
  tracks: { stable, candidate },
});
/** A provider that fills in zeros where it could not read. */
const zeros = (read: Read): Partial<MetricsProvider> => ({
  read: (request, context) => read(request, context).catch(() => increments(request, zero, zero)),
});

/** For each case a provider that breaks its sentence. */
export const badProviders: Readonly<Record<string, (read: Read) => Partial<MetricsProvider>>> = {
  'metrics: it says what it is, and how late its backend is': () => ({ name: '' }),
  'metrics: each track has its own counts': (read) => ({
    read: (request, context) => read({ ...request, tracks: { ...request.tracks, candidate: request.tracks.stable } }, context),
  }),
  'metrics: a zero is a zero': (read) => ({
    read: async (request, context) => {
      const reading = await read(request, context);
      const quiet = reading.kind === 'increments' && reading.tracks.candidate?.requests === 0;
      return quiet ? { kind: 'unavailable', reason: 'no-data', detail: '' } : reading;
    },
  }),
  'metrics: it reads at the time that was asked for': (read) => ({ read: (request, context) => read({ ...request, at: '2026-01-01T00:11:00.000Z' }, context) }),
  'metrics: a track that was not asked for has no counts': (read) => ({
    read: (request, context) => read({ ...request, tracks: { ...request.tracks, stable: request.tracks.stable ?? request.tracks.candidate } }, context),
  }),
  'metrics: no data is unavailable, never a zero': (read) => ({
    read: async (request, context) => {
      const reading = await read(request, context);
      return reading.kind === 'unavailable' ? increments(request, zero, zero) : reading;
    },
  }),
  'metrics: no data of one track is no zero either': (read) => ({
    read: async (request, context) => {
      const reading = await read(request, context);
      return reading.kind === 'unavailable' ? increments(request, zero, zero) : reading;
    },
  }),
  'metrics: an answer that is an error gives no counts': zeros,
  'metrics: an answer that makes no sense gives no counts': zeros,
  'metrics: a backend that is down gives no counts': zeros,
  'metrics: a read ends with its signal': (read) => ({ read: (request, context) => read(request, { ...context, signal: new AbortController().signal }) }),
};

type Send = (notice: Notice, context: NotifyContext) => Promise<Delivery>;

/** A notifier over `POST /messages`. */
export const notifier = (url: string, change: (send: Send) => Partial<Notifier> = () => ({})): Notifier => {
  const send: Send = async ({ title, text }, { signal, ref }) => {
    const response = await fetch(`${url}/messages`, { method: 'POST', signal, body: JSON.stringify({ title, text, thread: ref }) });
    if (response.status === 429) return { kind: 'retry', why: 'rate limited', after: `${Number(response.headers.get('retry-after') ?? 1)}s` };
    if (response.status >= 500) return { kind: 'retry', why: `answered ${response.status}` };
    if (!response.ok) return { kind: 'refused', why: `answered ${response.status}` };
    const { id } = (await response.json()) as { readonly id: string };
    return { kind: 'sent', ref: ref ?? id };
  };
  return { specificationVersion: 'v1', name: 'messages', send, ...change(send) };
};

export const answerMessage = (): unknown => ({ id: 'message-1' });

const instead =
  (from: Delivery['kind'], to: Delivery) =>
  (send: Send): Partial<Notifier> => ({
    send: async (notice, context) => {
      const delivery = await send(notice, context).catch((): Delivery => ({ kind: 'retry', why: 'down' }));
      return delivery.kind === from ? to : delivery;
    },
  });

/** For each case a notifier that breaks its sentence. */
export const badNotifiers: Readonly<Record<string, (send: Send) => Partial<Notifier>>> = {
  'notifier: it says what it is': () => ({ name: '' }),
  'notifier: a message that the backend took is sent, and says what the notice says': (send) => ({ send: (notice, context) => send({ ...notice, text: '' }, context) }),
  'notifier: a later notice follows the reference of the first': (send) => ({ send: (notice, context) => send(notice, { ...context, ref: undefined }) }),
  'notifier: one notice is one message': (send) => ({
    send: async (notice, context) => {
      await send(notice, context);
      return send(notice, context);
    },
  }),
  'notifier: what is rate limited is tried again, no sooner than the backend says': instead('retry', { kind: 'retry', why: 'soon', after: '1s' }),
  'notifier: a backend that fails is tried again': instead('retry', { kind: 'refused', why: 'no' }),
  'notifier: a backend that refuses is not tried again, and the reason is named': instead('refused', { kind: 'refused', why: '' }),
  'notifier: a backend that is down is no refusal': instead('retry', { kind: 'refused', why: 'down' }),
  'notifier: a send ends with its signal': (send) => ({ send: (notice, context) => send(notice, { ...context, signal: new AbortController().signal }) }),
};
