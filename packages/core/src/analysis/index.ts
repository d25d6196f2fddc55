/** Judging a candidate by evidence, without clock or I/O: for the engine, for a backtest of recorded metrics, for one's own tools. */
export { Analysis, type AnalysisInput, type AnalysisSetup, type AnalysisState, createAnalysis, type Observed } from './analysis.js';
export type { GateDecision, GateFacts } from './decide.js';
export { type Detectability, detectability, type Traffic } from './detectability.js';
export type { Increment, NoObservation } from './increments.js';
export { boundsOf, chooseBounds, type LatencyBounds, limitBounds } from './latency-bounds.js';
export type { MetricEvidence, MetricName, MetricVerdict } from './metric-verdict.js';
export type { PodFacts } from './pod-facts.js';
export type { ArmCounts, ArmSlow, Counted, Poll } from './split.js';
