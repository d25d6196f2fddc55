import type { Issue } from '../errors/error-facts.js';
import { defineGate, type GateContext, type GateDecision } from '../extend/define-gate.js';
import { schemaOf } from '../extend/schema-of.js';
import { shown, unknownKeys } from '../strategies/options.js';
import type { App } from '../words/app.js';
import { Calendar, type WindowState } from './calendar.js';
import { appliesTo, type Window, windowIssues } from './window.js';

/** What the gate is given: JSON, kept with the rollout. */
export interface WindowsInput {
  readonly windows: readonly Window[];
  /** Release outside of them all the same, and why; journalled and noticed. */
  readonly override?: string | undefined;
}

/** What is wrong with windows as a whole. @returns nothing where a rollout may be asked for */
export function windowsIssues(path: string, windows: unknown): readonly Issue[] {
  if (!Array.isArray(windows) || windows.length === 0) return [{ path, got: shown(windows), expected: 'a list of windows' }];
  const issues = windows.flatMap((window, i) => windowIssues(`${path}.${i}`, window));
  if (issues.length > 0) return issues;
  const names = windows.map(({ name }: Window) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return [{ path, got: `two windows called ${shown(twice)}`, expected: 'a name of its own for each' }];
  return [...new Set(windows.map(selection))].flatMap((selected) => {
    const together = windows.filter((window: Window) => selection(window) === selected || selection(window) === everything);
    if (new Calendar(together).everOpens) return [];
    return [{ path, got: together.map(({ name }: Window) => name).join(', '), expected: 'a time at which they are open: together they never are' }];
  });
}

const selection = ({ apps, environments }: Window): string => JSON.stringify([apps, environments]);
const everything = JSON.stringify([undefined, undefined]);

function inputIssues(input: object): readonly Issue[] {
  const { windows, override } = input as Record<keyof WindowsInput, unknown>;
  return [
    ...unknownKeys('input', input, ['windows', 'override']),
    ...windowsIssues('windows', windows),
    ...(override === undefined || (typeof override === 'string' && override.trim() !== '')
      ? []
      : [{ path: 'override', got: shown(override), expected: 'why it is overridden' }]),
  ];
}

/** How windows stand for one app at a time. Pure. @throws RangeError where one of them is none: see `windowsIssues` */
export function windowState(
  windows: readonly Window[],
  at: Date,
  { app, environment }: { readonly app: App; readonly environment?: string | undefined },
): WindowState {
  return new Calendar(windows.filter((window) => appliesTo(window, app, environment))).at(at);
}

/**
 * Maintenance windows: releases begin only inside an allowing one, if any applies, and in no denying one. Outside: ERR_GATE_CLOSED with `nextOpen`, exit code 5.
 * A rollout under way that leaves its window does what `onOpenRun` of the window says. Never asked by a rollback.
 */
export const windows = defineGate<WindowsInput>({
  use: 'shepherd/windows',
  at: ['start', 'weight-increase', 'promote'],
  every: '1m',
  // A weekend and a week of freeze; who waits longer for a window meant `rollback`.
  timeout: '240h',
  onTimeout: 'veto',
  input: schemaOf(inputIssues),
  describe: ({ windows: all }) => `only in the windows ${all.map(({ name }) => name).join(', ')}`,
  async run({ windows: all, override }, context) {
    const { clock, plan, metadata } = context;
    const states = plan.targets.map((app) => windowState(all, clock.now(), { app, environment: metadata['environment'] }));
    const closed = states.find(({ state }) => state === 'closed');
    if (closed === undefined) return { kind: 'proceed' };
    return override === undefined ? decide(closed, context) : { kind: 'proceed', overridden: `${override}; ${closed.reason ?? ''}` };
  },
});

function decide({ by, reason = 'closed', nextOpen }: WindowState, { moment }: GateContext): GateDecision {
  const answer = { reason, ...(nextOpen === undefined ? {} : { nextOpen }) };
  if (moment === 'start') return { kind: 'veto', ...answer };
  const wanted = by.map(({ onOpenRun = 'finish' }) => onOpenRun);
  if (wanted.includes('rollback')) return { kind: 'veto', ...answer };
  return wanted.includes('pause') ? { kind: 'hold', ...answer } : { kind: 'proceed' };
}
