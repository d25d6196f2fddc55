export type { Exposure } from './exposure.js';
export { type OpenTelemetry, type OpenTelemetryOptions, openTelemetry } from './open-telemetry.js';
export type { OtelApi } from './otel-api.js';
export { type ReleaseFacts, releaseFacts } from './release-facts.js';
