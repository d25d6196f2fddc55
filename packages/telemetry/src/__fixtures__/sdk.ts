import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** The official SDK with its exporters in JSON, as `@opentelemetry/sdk-node` wires them; with `protobufUrl` those in protobuf as well, which get the same. */
export function startSdk(url: string, timeoutMillis = 2_000, protobufUrl?: string) {
  const traces = { url: `${url}/v1/traces`, timeoutMillis };
  const metrics = { url: `${url}/v1/metrics`, timeoutMillis };
  const spanExporters = [
    new OTLPTraceExporter(traces),
    ...(protobufUrl === undefined ? [] : [new ProtobufTraceExporter({ ...traces, url: `${protobufUrl}/v1/traces` })]),
  ];
  const exporters = [
    new OTLPMetricExporter(metrics),
    ...(protobufUrl === undefined ? [] : [new ProtobufMetricExporter({ ...metrics, url: `${protobufUrl}/v1/metrics` })]),
  ];
  const tracerProvider = new BasicTracerProvider({ spanProcessors: spanExporters.map((exporter) => new BatchSpanProcessor(exporter)) });
  const readers = exporters.map((exporter) => new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000, exportTimeoutMillis: timeoutMillis }));
  const meterProvider = new MeterProvider({ readers });
  return {
    tracerProvider,
    meterProvider,
    flush: async (): Promise<void> => {
      await Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush()]);
    },
    stop: async (): Promise<void> => {
      await Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]);
    },
  };
}
