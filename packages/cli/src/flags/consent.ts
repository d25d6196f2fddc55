import type { Issue } from '@shepherd/core';
import type { LoadedSettings } from '../config/settings.js';
import type { Connection } from '../connect.js';
import type { OutputMode } from '../output-mode.js';
import { bareName, productionName } from '../production.js';
import type { RunFlags } from './flags.js';

/** Who is there, and which context of the kubeconfig is meant, where that is known. */
export interface Circumstances extends Pick<OutputMode, 'attended' | 'canAsk'> {
  readonly context?: string | undefined;
}

/** Whether somebody is asked before anything is written, and what the answer has to be. */
export interface Consent {
  readonly ask: boolean;
  /** Why the name of the app is to be typed instead of y. */
  readonly production?: string | undefined;
}

/** An act that no analysis judges and no gate holds. `connection`: where it goes. */
export interface SevereAct {
  readonly app: string;
  readonly connection: Connection;
  readonly settings: LoadedSettings;
}

/** Whether to ask; no terminal and no consent is refused before anything else happens. `consent`: the rest of the line says that nobody need be asked. */
export function readAsk({ yes, auto, force, confirm }: RunFlags, app: string, consent: boolean, canAsk: boolean, issues: Issue[]): boolean {
  checkName(confirm, app, issues);
  if (yes === true || auto === true || force === true || confirm !== undefined || consent) return false;
  if (!canAsk) issues.push({ path: '--yes', got: 'no terminal to ask at', expected: '--yes (or --auto), which says that nobody needs to be asked' });
  return canAsk;
}

/** The same for a severe act: in production `--yes` is no answer, the name of the app is. */
export function readConsent(flags: RunFlags, act: SevereAct, consent: boolean, { canAsk, context }: Circumstances, issues: Issue[]): Consent {
  const { app, connection, settings } = act;
  const production = consent ? undefined : productionName({ app, namespace: connection.namespace, context: context ?? connection.context }, settings);
  if (production === undefined) return { ask: readAsk(flags, app, consent, canAsk, issues) };
  checkName(flags.confirm, app, issues);
  if (flags.force === true || flags.confirm !== undefined) return { ask: false };
  if (!canAsk) {
    const expected = `--confirm ${bareName(app)}: this is production (${production}), which --yes does not answer for`;
    issues.push({ path: '--confirm', got: 'no terminal to ask at', expected });
  }
  return { ask: canAsk, production };
}

/** Named with or without where it is. */
function checkName(confirm: string | undefined, app: string, issues: Issue[]): void {
  if (confirm === undefined || app === '' || confirm === app || confirm === bareName(app)) return;
  issues.push({ path: '--confirm', got: JSON.stringify(confirm), expected: `${bareName(app)}, the name of the app` });
}
