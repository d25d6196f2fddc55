export type { Answer, FailureKind, LoadOptions, LoadReport } from './load-options.js';
export type { LoadProcess } from './load-process.js';
export { loadProcess } from './load-process.js';
export { lastNewConnection } from './load-report.js';
export type { Load } from './open-loop.js';
export { openLoop } from './open-loop.js';
export { preciseNow } from './send-request.js';
