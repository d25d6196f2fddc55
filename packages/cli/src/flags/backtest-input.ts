import { resolve } from 'node:path';
import { type AnalysisOptions, type App, type Issue, parseAppRef, toMs } from '@shepherd/core';
import type { PrometheusSettings, Settings } from '../config/settings.js';
import { readAnalysis } from './analysis.js';
import { appName } from './app-name.js';
import { refuse } from './deploy-input.js';
import type { BacktestFlags } from './flags.js';
import { asDuration, readDuration } from './seconds.js';

export interface BacktestInput {
  readonly options: AnalysisOptions;
  readonly stageSeconds: number;
  /** Undefined: as the recording says, else 15. */
  readonly everySeconds: number | undefined;
  readonly source: FileSource | PrometheusSource;
}

export interface FileSource {
  readonly kind: 'file';
  readonly file: string;
}

export interface PrometheusSource {
  readonly kind: 'prometheus';
  readonly settings: string | PrometheusSettings;
  readonly app: App;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Which pods are of a track; the candidate is asked first. */
  readonly candidate: RegExp;
  readonly stable: RegExp;
  /** Where to write what was read. */
  readonly save: string | undefined;
}

const defaultStage = '300s';
const mostPolls = 100_000;
/** How late samples arrive, for a range that ends now. */
const lagMs = 5_000;
/** Letters that a Deployment's pods have in the generated parts of their names. */
const generated = '[bcdfghjklmnpqrstvwxz2456789]';

/** What `backtest` was asked for. Pure but for `nowMs`. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function backtestInput(
  argument: string | undefined,
  flags: BacktestFlags,
  settings: Settings,
  { cwd, nowMs }: { cwd: string; nowMs: number },
): BacktestInput {
  const issues: Issue[] = [];
  const analysis = readAnalysis(flags, settings, issues);
  const interval = readDuration('--interval', flags.interval ?? settings.interval ?? defaultStage, issues) ?? defaultStage;
  const every = readDuration('--every', flags.every, issues);
  const against = readAgainst(flags.against, issues);
  const source =
    flags.file === undefined ? readPrometheus(argument, flags, settings, { cwd, nowMs, everyMs: toMs(every ?? '15s') }, issues) : readFile(flags, cwd, issues);
  refuse(issues);
  return {
    options: { ...(analysis === false ? {} : analysis), against },
    stageSeconds: toMs(interval) / 1_000,
    everySeconds: every === undefined ? undefined : toMs(every) / 1_000,
    source: source as FileSource | PrometheusSource,
  };
}

function readAgainst(text: string | undefined, issues: Issue[]): 'stable' | 'limits' {
  if (text === undefined || text === 'stable') return 'stable';
  if (text !== 'limits') issues.push({ path: '--against', got: JSON.stringify(text), expected: 'stable or limits' });
  return 'limits';
}

function readFile(flags: BacktestFlags, cwd: string, issues: Issue[]): FileSource {
  for (const key of ['range', 'prometheus', 'candidate', 'stable', 'save'] as const)
    if (flags[key] !== undefined) issues.push({ path: `--${key}`, got: `it with --file`, expected: 'one source: --file, or --prometheus with --range' });
  return { kind: 'file', file: resolve(cwd, flags.file ?? '') };
}

function readPrometheus(
  argument: string | undefined,
  flags: BacktestFlags,
  settings: Settings,
  { cwd, nowMs, everyMs }: { readonly cwd: string; readonly nowMs: number; readonly everyMs: number },
  issues: Issue[],
): PrometheusSource {
  const url = flags.prometheus ?? settings.prometheus;
  if (url === undefined) issues.push({ path: '--prometheus', got: 'nothing', expected: 'where the requests were counted: --prometheus URL, or --file FILE' });
  const { name, namespace = 'default', cluster = 'default' } = parseAppRef(appName(argument, flags, settings, issues)) ?? { name: '' };
  const { from, to } = readRange(flags.range, nowMs, issues);
  const count = (to - from) / everyMs;
  if (count > mostPolls) issues.push({ path: '--range', got: `${Math.round(count)} polls`, expected: `at most ${mostPolls}: a shorter range, or --every 1m` });
  const plain = name.replaceAll(/[^a-zA-Z0-9-]/g, '\\$&');
  return {
    kind: 'prometheus',
    settings: typeof settings.prometheus === 'object' && flags.prometheus !== undefined ? { ...settings.prometheus, url: flags.prometheus } : (url ?? ''),
    app: { cluster, namespace, name },
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    candidate: readPattern('--candidate', flags.candidate ?? `${plain}-candidate-.*`, issues),
    stable: readPattern('--stable', flags.stable ?? `${plain}-${generated}{1,10}-${generated}{5}`, issues),
    save: flags.save === undefined ? undefined : resolve(cwd, flags.save),
  };
}

/** A name matches as a whole, as in PromQL. */
function readPattern(path: string, text: string, issues: Issue[]): RegExp {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch (error) {
    issues.push({ path, got: JSON.stringify(text), expected: `a regular expression of pod names (${error instanceof Error ? error.message : String(error)})` });
    return /$^/;
  }
}

const isoTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

function readRange(text: string | undefined, nowMs: number, issues: Issue[]): { readonly from: number; readonly to: number } {
  const expected = 'two times with their zone, 2026-01-31T10:00Z/2026-01-31T12:00Z, or how far back from now: 2h';
  const none = { from: 0, to: 0 };
  const bad = (got: string, wanted = expected): typeof none => {
    issues.push({ path: '--range', got, expected: wanted });
    return none;
  };
  if (text === undefined) return bad('nothing');
  const parts = text.split('/');
  if (parts.length === 1) {
    const back = asDuration(text);
    if (back === undefined || toMs(back) < 1_000) return bad(JSON.stringify(text));
    return { from: nowMs - lagMs - toMs(back), to: nowMs - lagMs };
  }
  const [from = Number.NaN, to = Number.NaN] = parts.map((part) => (isoTime.test(part) ? Date.parse(part) : Number.NaN));
  if (parts.length > 2 || Number.isNaN(from) || Number.isNaN(to)) return bad(JSON.stringify(text));
  if (to <= from) return bad(text, 'an end after its start');
  return { from, to };
}
