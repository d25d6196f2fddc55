import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** The official SDK with its exporters in JSON, as `@opentelemetry/sdk-node` wires them. */
export function startSdk(url: string, timeoutMillis = 2_000) {
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces`, timeoutMillis }))] });
  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics`, timeoutMillis });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000, exportTimeoutMillis: timeoutMillis });
  const meterProvider = new MeterProvider({ readers: [reader] });
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
