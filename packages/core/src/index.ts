// The entrance

export type { FoundCause } from './diagnosis/cause.js';
export { formatEvent } from './events/format-event.js';
export { formatPlan } from './plan/format-plan.js';
export { type Realised, realise } from './plan/realise.js';
export { exitCodeOf } from './rollout/exit-code.js';
export { formatCause } from './rollout/format-cause.js';
export { formatOutcome } from './rollout/format-outcome.js';
export { Shepherd } from './shepherd.js';
export type { ShepherdOptions } from './shepherd-options.js';
export type { BlueGreenOptions } from './strategies/blue-green.js';
export { BlueGreen } from './strategies/blue-green.js';
export type { CanaryOptions } from './strategies/canary.js';
export { Canary } from './strategies/canary.js';
export { lockstep } from './strategies/lockstep.js';
export type { RollingUpdateOptions } from './strategies/rolling-update.js';
export { RollingUpdate } from './strategies/rolling-update.js';
export { readSecret, type SecretSource } from './words/secret-source.js';
// Words

// Errors
export type { ErrorCode, ErrorFacts, ErrorInfo, InfoOf, Issue } from './errors/error-facts.js';
export type { ErrorDetails } from './errors/shepherd-error.js';
export { errorInfo, invalidOptions, ShepherdError } from './errors/shepherd-error.js';
export type { CommandName, EventBase, RolloutEvent, RolloutEventMap, RolloutEventType } from './events/event.js';
export type { CheckContext, CheckDefinition } from './extend/define-check.js';
export { defineCheck } from './extend/define-check.js';
export type { GateContext, GateDecision, GateDefinition, Moment } from './extend/define-gate.js';
export { defineGate } from './extend/define-gate.js';
export type { StepContext, StepDefinition } from './extend/define-step.js';
export { defineStep } from './extend/define-step.js';
// One's own
export type { Definition, Named, Schema, Use } from './extend/definition.js';
export type { DeadlineOptions } from './extend/with-deadline.js';
export { withDeadline } from './extend/with-deadline.js';
export { systemClock } from './internal/system-clock.js';
export { refuseRecord } from './journal/room.js';
export { clean as cleanText } from './notices/clean.js';
export type { Flushed, FlushOptions } from './notices/flush.js';
export { noticeId } from './notices/notice-id.js';
export type { Undelivered } from './notices/post-office.js';
export type { Estimate, Plan, PlannedStep } from './plan/plan.js';
// Situation, plan, strategies
export type { Capacity, ReleaseInfo, RouterInfo, Situation, Target, Track } from './plan/situation.js';
export { podsOf } from './plan/situation.js';
export type { AnalysisOptions, ApprovalOptions, Step } from './plan/step.js';
// Ports
export type { Clock } from './ports/clock.js';
export type { ChangeNote, PortContext, WriteContext } from './ports/context.js';
export type { Diagnosis, PlatformNote, PodLog, PodState } from './ports/diagnosis.js';
export type { Dependency, EvidenceAsked, EvidenceOf, EvidenceSource, PlatformEvidence } from './ports/evidence.js';
export type { Exec, ExecCommand, ExecReply } from './ports/exec.js';
export type { Http, HttpInit, HttpReply, JsonBody, PlainAnswer, PlainRequest, Transport } from './ports/http.js';
export type { IncidentStore } from './ports/incident-store.js';
export type { Journal, Saved } from './ports/journal.js';
export type { Lease, Lock, LockHolder } from './ports/lock.js';
export type {
  AlertRule,
  Counts,
  HistoryRequest,
  LatencyBound,
  MetricsHints,
  MetricsProvider,
  MetricsReading,
  MetricsRequest,
  TrackSelector,
  Usage,
} from './ports/metrics-provider.js';
export type { Delivery, Notice, NoticeFilter, NoticeVersion, Notifier, NotifyContext } from './ports/notifier.js';
export type { ObserveContext, ObservedRollout, Observer } from './ports/observer.js';
export type {
  Actions,
  Asked,
  Autoscaler,
  Baselines,
  Drift,
  Expected,
  Outlook,
  PlanNeeds,
  Platform,
  Releases,
  RevisionMark,
  TrackStatus,
  Tracks,
  TrafficRouter,
} from './ports/platform.js';
export type { Port } from './ports/port.js';
export type { Closed, CloseOptions } from './rollout/close.js';
export type { ListFilter } from './rollout/list.js';
export type { Attempt, Cause, Outcome, OutcomeBase } from './rollout/outcome.js';
// Requests, events, outcomes
export type { RecoverOptions } from './rollout/recover.js';
export type { DeployRequest, HookPoint, ParsedRequest, RollbackRequest, RunOptions } from './rollout/request.js';
export type { Command, Listen, Rollout, RolloutState } from './rollout/rollout.js';
export type { Extension, Judged, Strategy } from './strategies/strategy.js';
export type { Actor, App, AppParts, AppRef } from './words/app.js';
export { formatApp, parseAppRef } from './words/app.js';
export type { Duration } from './words/duration.js';
export { formatMs, parseDuration, toMs } from './words/duration.js';
export type { Finding } from './words/finding.js';
export type { Json } from './words/json.js';
export type { Revision, TrackName } from './words/revision.js';
export { secretIssues } from './words/secrets.js';
export type { Suspicion } from './words/suspicion.js';
export type { Evidence, Verdict } from './words/verdict.js';
export { fail, inconclusive, pass } from './words/verdict.js';
