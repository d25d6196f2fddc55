/** Gates of the box, for `gates` of a request: `import { windows } from '@shepherd/core/gates'`. */
import { windows } from './windows.js';

export type { WindowState } from './calendar.js';
export { type FlagClient, type FlagContext, type FlagDetails, type FlagInput, flagGate } from './flag.js';
export { type RequireEnvInput, requireEnv } from './require-env.js';
export type { Window } from './window.js';
export { type WindowsInput, windowState, windowsIssues } from './windows.js';
export { windows };

/** Those that need no code of the user's, for the registry. */
export const builtInGates = [windows] as const;
