/** Close looks at an app that change nothing: `import { diagnose } from '@shepherd/core/diagnosis'`. */
export type { CauseClass, CauseCode, CheckableEvidence, FoundCause, SomeEvidence } from './cause.js';
export { causeClasses } from './cause.js';
export { causesOf } from './causes-of.js';
export type { DiagnoseOptions } from './diagnose.js';
export { diagnose } from './diagnose.js';
export { formatDiagnosis } from './format-diagnosis.js';
export type { NotesOptions } from './notes.js';
export { readNotes } from './notes.js';
export type { PodChange, PodsOptions } from './pods.js';
export { watchPods } from './pods.js';
export type { DiagnosisReport, Findings, Trouble, Unread } from './report.js';
export { troubles } from './report.js';
