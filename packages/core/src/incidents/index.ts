/** What is wrong with an app, who is called and when (the guide's escalation): `import { openIncident, watchOver } from '@shepherd/core/incidents'`. */

export { formatSignals, formatSummary, type SignalSummary, type Signals, type SignalsSummary } from '../signals/signals.js';
export { type IncidentChange, type IncidentOptions, listIncidents, openIncident, recordCause, resolveIncident } from './commands.js';
export { type EscalationRule, type Incident, type IncidentKind, incidentKinds, type RuleTime } from './incident.js';
export { type WatchOverEvent, type WatchOverOptions, watchOver } from './watch-over.js';
