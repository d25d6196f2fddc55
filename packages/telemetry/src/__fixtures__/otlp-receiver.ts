import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeOtlp } from './otlp-protobuf.js';

/** An attribute's value as OTLP writes it in JSON. */
type Value = { readonly stringValue?: string; readonly intValue?: number | string; readonly doubleValue?: number; readonly boolValue?: boolean };
type KeyValues = readonly { readonly key: string; readonly value: Value }[];

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 1 internal, 2 server. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  /** 2 is an error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

export interface ReceivedPoint {
  readonly metric: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a histogram its sum. */
  readonly value: number;
  readonly count: number | undefined;
}

const valueOf = ({ stringValue, intValue, doubleValue, boolValue }: Value): unknown => stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue));
const attributesOf = (list: KeyValues = []): Readonly<Record<string, unknown>> => Object.fromEntries(list.map(({ key, value }) => [key, valueOf(value)]));
const msOf = (nanos: string): number => Number(BigInt(nanos) / 1_000_000n);

interface WireSpan extends Pick<ReceivedSpan, 'traceId' | 'spanId' | 'name' | 'kind'> {
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes?: KeyValues;
  readonly events?: readonly { readonly name: string; readonly attributes?: KeyValues }[];
}
interface WirePoint {
  readonly attributes?: KeyValues;
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly sum?: number;
  readonly count?: string | number;
}
interface WireMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: { readonly dataPoints: readonly WirePoint[] };
  readonly gauge?: { readonly dataPoints: readonly WirePoint[] };
  readonly histogram?: { readonly dataPoints: readonly WirePoint[] };
}

const spanOf = (wire: WireSpan): ReceivedSpan => ({
  traceId: wire.traceId,
  spanId: wire.spanId,
  parentSpanId: wire.parentSpanId === undefined || wire.parentSpanId === '' ? undefined : wire.parentSpanId,
  name: wire.name,
  kind: wire.kind,
  startMs: msOf(wire.startTimeUnixNano),
  endMs: msOf(wire.endTimeUnixNano),
  status: wire.status?.code ?? 0,
  attributes: attributesOf(wire.attributes),
  events: (wire.events ?? []).map(({ name, attributes }) => ({ name, attributes: attributesOf(attributes) })),
});

const pointsOf = ({ name, unit = '', sum, gauge, histogram }: WireMetric): readonly ReceivedPoint[] =>
  ((sum ?? gauge ?? histogram)?.dataPoints ?? []).map((point) => ({
    metric: name,
    unit,
    attributes: attributesOf(point.attributes),
    value: Number(point.sum ?? point.asDouble ?? point.asInt),
    count: point.count === undefined ? undefined : Number(point.count),
  }));

type Way = 'takes' | 'hangs' | 'refuses' | 'resets';

const read = (path: string, body: Buffer, type: string | undefined): object =>
  type === 'application/x-protobuf' ? decodeOtlp(path, body) : (JSON.parse(body.toString()) as object);

/** A receiver of OTLP over HTTP, in JSON or protobuf, on loopback. Of metrics it keeps the last export, since sums are cumulative. */
export async function startReceiver(way: Way = 'takes') {
  const spans: ReceivedSpan[] = [];
  let points: readonly ReceivedPoint[] = [];
  let asked = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked += 1;
    if (way === 'hangs') return;
    if (way === 'resets') return void request.socket.resetAndDestroy();
    if (way === 'refuses') return void response.writeHead(400).end('no');
    const body = read(request.url ?? '', Buffer.concat(chunks), request.headers['content-type']) as {
      readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[] }[];
      readonly resourceMetrics?: readonly { readonly scopeMetrics: readonly { readonly metrics: readonly WireMetric[] }[] }[];
    };
    for (const { scopeSpans } of body.resourceSpans ?? []) for (const scope of scopeSpans) spans.push(...scope.spans.map(spanOf));
    if (request.url === '/v1/metrics') points = (body.resourceMetrics ?? []).flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(pointsOf)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get points() {
      return points;
    },
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
