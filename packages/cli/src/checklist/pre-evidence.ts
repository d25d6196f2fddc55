import type { App, Finding, Revision } from '@shepherd/core';
import { type WindowState, windowState } from '@shepherd/core/gates';
import type { Signs } from '@shepherd/core/verification';
import type { LoadedSettings } from '../config/settings.js';
import type { Evidence, Found } from './checklist.js';
import { findingsEvidence, isSecret } from './findings-evidence.js';
import { wayBack } from './way-back.js';

/** What is known before a release. */
export interface PreFacts {
  readonly app: App;
  /** Undefined: no release was named. */
  readonly findings: readonly Finding[] | undefined;
  readonly release: readonly string[];
  readonly revisions: readonly Revision[];
  readonly serving: string | undefined;
  /** Revisions in the environment of `requireEnv`; a text says why they are not known. */
  readonly earlier: readonly Revision[] | string | undefined;
  readonly signs: Pick<Signs, 'alertRules' | 'alertRulesUnread'>;
  readonly now: Date;
}

const unnamed: Found = { state: 'open', says: 'name the release: --image, or --chart' };

/** Pure. */
export function preEvidence({ app, findings, release, revisions, serving, earlier, signs, now }: PreFacts, settings: LoadedSettings): Evidence {
  const warnings = findings?.filter(({ level }) => level === 'warning').length ?? 0;
  const secrets = findings === undefined ? unnamed : findingsEvidence(findings, isSecret, '');
  return {
    I8: staged(settings.requireEnv, earlier, release),
    I9:
      findings === undefined
        ? unnamed
        : findingsEvidence(findings, () => true, `preflight finds no error, ${warnings === 1 ? '1 warning' : `${warnings} warnings`}`),
    I10: secrets.state === 'done' ? { state: 'open', says: 'all that the pods refer to are there; what is in them a person knows' } : secrets,
    I13: alerting(signs),
    I15: wayBack(revisions, serving, app.name, false),
    I17: scheduled(settings, app, now),
  };
}

function staged(environment: string | undefined, earlier: PreFacts['earlier'], release: readonly string[]): Found {
  if (environment === undefined) return { state: 'open', says: 'the config names no requireEnv' };
  if (release.length === 0) return unnamed;
  if (earlier === undefined || typeof earlier === 'string')
    return { state: 'open', says: `${environment} cannot be read: ${earlier ?? 'it is not in the config'}` };
  const proven = earlier.filter(({ verified, bad }) => verified && bad === undefined).flatMap(({ images }) => images);
  const missing = release.filter((image) => !proven.some((each) => isSame(each, image)));
  return missing.length === 0
    ? { state: 'done', says: `${release.join(', ')} succeeded in ${environment}` }
    : { state: 'failed', says: `${missing.join(', ')} never succeeded in ${environment}` };
}

/** That rules are there and work; whether they fit the release a person knows. */
function alerting({ alertRules, alertRulesUnread }: PreFacts['signs']): Found {
  if (alertRules === undefined) return { state: 'open', says: alertRulesUnread ?? 'no Prometheus is named' };
  const broken = alertRules.flatMap(({ name, broken: why }) => (why === undefined ? [] : [`${name}: ${why}`]));
  if (broken.length > 0) return { state: 'failed', says: broken.join('; ') };
  if (alertRules.length === 0) return { state: 'open', says: 'no alert rule of its Prometheus names the app or its namespace' };
  return { state: 'done', says: `rules that call for it: ${alertRules.map(({ name }) => name).join(', ')}` };
}

/** By digest where both have one. */
function isSame(a: string, b: string): boolean {
  const [x, y] = [a.split('@')[1], b.split('@')[1]];
  return x !== undefined && y !== undefined ? x === y : a === b;
}

function scheduled({ windows, environment }: LoadedSettings, app: App, now: Date): Found {
  if (windows === undefined || windows.length === 0) return { state: 'open', says: 'the config has no windows' };
  const { state, reason, nextOpen }: WindowState = windowState(windows, now, { app, environment });
  if (state === 'open') return { state: 'done', says: reason ?? 'open now' };
  return { state: 'failed', says: `${reason ?? 'closed now'}${nextOpen === undefined ? '' : `; opens ${nextOpen}`}` };
}
