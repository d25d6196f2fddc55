export type { Fault, FaultMatch, LagFault, RefusalFault, SlowFault, WatchFault } from './api/faults/fault.js';
export type { KubeObject } from './api/objects.js';
export type { Usage } from './controllers/autoscaler/usage-book.js';
export type { AppSpec } from './install.js';
export type { Death, PodChoice } from './kill.js';
// Traffic, for those who measure
export type { Answer, FailureKind, Load, LoadOptions, LoadProcess, LoadReport } from './load/index.js';
export { lastNewConnection, loadProcess, openLoop } from './load/index.js';
// How pods behave
export type { AppRequest, Behaviour, Crash, Flapping } from './pods/behaviour.js';
export type { NodeSize } from './pods/node.js';
export type { MetricsFault } from './prometheus/metrics-fault.js';
export type { Sandbox, SandboxLoad, SandboxNode, SandboxOptions, SandboxView } from './sandbox.js';
export { createSandbox } from './sandbox.js';
export { ScaledClock } from './scaled-clock.js';
export type { LoadCounts } from './services/memory-load.js';
export { SkewedClock } from './skewed-clock.js';
