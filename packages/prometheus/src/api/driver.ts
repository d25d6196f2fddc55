import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { PrometheusConnectionOptions, PrometheusDriver } from 'prometheus-query';

/** Connections that are kept. */
export interface Wire {
  readonly http?: HttpAgent | undefined;
  readonly https?: HttpsAgent | undefined;
}

/** What is asked. Times are milliseconds since 1970. */
export type Call =
  | { readonly kind: 'instant'; readonly query: string; readonly atMs: number }
  | { readonly kind: 'range'; readonly query: string; readonly fromMs: number; readonly toMs: number; readonly stepMs: number }
  /** All rules, by group. */
  | { readonly kind: 'rules' }
  /** Values that a label has on the series that match. */
  | { readonly kind: 'values'; readonly label: string; readonly match: string; readonly fromMs: number; readonly toMs: number };

export interface Send {
  /** The base, without `/api/v1`. */
  readonly url: string;
  readonly call: Call;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** An answer as it came, whatever its status. */
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export const maxBytes = 32 * 1024 * 1024;

type Reply = Parameters<NonNullable<PrometheusConnectionOptions['responseInterceptor']>['onFulfilled']>[0];

/** What the driver gets instead of the answer: its parsing would lose ±Inf, native histograms and warnings. */
const hidden = { status: 'success', data: { resultType: 'string', result: [] } };
const hiddenOf: Readonly<Partial<Record<Call['kind'], object>>> = {
  values: { status: 'success', data: [] },
  rules: { status: 'success', data: { groups: [] } },
};

/**
 * One call by the driver of prometheus-query, queries form-encoded; the answer is taken from it before it is parsed. Follows no redirect. Rejects with what the
 * driver says of a connection that failed.
 */
export async function send({ url, call, headers, signal }: Send, wire: Wire): Promise<Sent> {
  const { PrometheusDriver: Driver } = await import('prometheus-query');
  let sent: Sent | undefined;
  const driver = new Driver({
    endpoint: url,
    preferPost: true,
    headers,
    requestInterceptor: {
      onFulfilled: (config) =>
        Object.assign(config, {
          signal,
          timeout: 0,
          maxRedirects: 0,
          maxContentLength: maxBytes,
          responseType: 'text',
          transformResponse: [],
          validateStatus: () => true,
          ...(wire.http === undefined ? {} : { httpAgent: wire.http }),
          ...(wire.https === undefined ? {} : { httpsAgent: wire.https }),
        }),
    },
    responseInterceptor: {
      onFulfilled: (reply) => {
        sent = { status: reply.status, headers: flat(reply.headers), text: typeof reply.data === 'string' ? reply.data : '' };
        return { ...reply, data: hiddenOf[call.kind] ?? hidden };
      },
    },
  });
  await asked(driver, call);
  if (sent === undefined) throw new Error('the driver gave no answer');
  return sent;
}

function asked(driver: PrometheusDriver, call: Call): Promise<unknown> {
  switch (call.kind) {
    case 'instant':
      return driver.instantQuery(call.query, call.atMs);
    case 'range':
      return driver.rangeQuery(call.query, new Date(call.fromMs), new Date(call.toMs), call.stepMs / 1_000);
    case 'rules':
      return driver.rules();
    case 'values':
      return driver.labelValues(call.label, call.match, new Date(call.fromMs), new Date(call.toMs));
  }
}

const flat = (headers: Reply['headers']): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
