export type { Fault, FaultMatch } from './api/faults.js';
export type { AppSpec } from './install.js';
// Traffic, for those who measure
export type { Answer, FailureKind, Load, LoadOptions, LoadProcess, LoadReport } from './load/index.js';
export { lastNewConnection, loadProcess, openLoop } from './load/index.js';
// How pods behave
export type { AppRequest, Behaviour } from './pods/behaviour.js';
export type { NodeSize } from './pods/node.js';
export type { Sandbox, SandboxLoad, SandboxOptions } from './sandbox.js';
export { createSandbox } from './sandbox.js';
export type { LoadCounts } from './services/memory-load.js';
