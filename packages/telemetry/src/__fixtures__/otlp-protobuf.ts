import protobuf from 'protobufjs';

/** Of OTLP 1.x (opentelemetry-proto, trace/v1 and metrics/v1) the fields that the receiver reads, by their numbers; it passes over the others. */
const { root } = protobuf.parse(`syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Event { string name = 2; repeated KeyValue attributes = 3; }
message Status { int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
}
message ScopeSpans { repeated Span spans = 2; }
message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
message Traces { repeated ResourceSpans resource_spans = 1; }
message NumberPoint { oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated KeyValue attributes = 7; }
message HistogramPoint { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
message Numbers { repeated NumberPoint data_points = 1; }
message Histogram { repeated HistogramPoint data_points = 1; }
message Metric { string name = 1; string unit = 3; oneof data { Numbers gauge = 5; Numbers sum = 7; Histogram histogram = 9; } }
message ScopeMetrics { repeated Metric metrics = 2; }
message ResourceMetrics { repeated ScopeMetrics scope_metrics = 2; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }`);

/** A body in protobuf as the same would be in JSON, where ids are hexadecimal. */
export function decodeOtlp(path: string, body: Buffer): object {
  const type = root.lookupType(path === '/v1/metrics' ? 'Metrics' : 'Traces');
  const decoded = type.toObject(type.decode(body), { longs: String, arrays: true });
  return JSON.parse(JSON.stringify(decoded, (_, value: unknown) => hex(value) ?? value)) as object;
}

/** Bytes have a JSON of their own by the time that they are seen here. */
const hex = (value: unknown): string | undefined => {
  const bytes = value as { readonly type?: unknown; readonly data?: readonly number[] } | null;
  return typeof value === 'object' && bytes?.type === 'Buffer' ? Buffer.from(bytes.data ?? []).toString('hex') : undefined;
};
