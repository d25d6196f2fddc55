import { type ErrorCode, type Issue, ShepherdError } from '@shepherd/core';
import type { Ran } from './run.js';

export interface Asked {
  /** The verb: `upgrade`. */
  readonly command: string;
  readonly release: string;
  readonly chart?: string | undefined;
}

/** The address of the door that this very call had. */
const door = /http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}/g;
const keptLines = 20;

/** Helm's own words: without its prefix, without our door. */
export function wordsOf(stderr: string): readonly string[] {
  return stderr
    .replaceAll(door, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(WARNING|level=|[WIE]\d{4} )/.test(line))
    .map((line) => line.replace(/^Error: (UPGRADE FAILED: |INSTALLATION FAILED: )?/, '').trimEnd())
    .slice(0, keptLines);
}

type Explain = (asked: Asked, words: readonly string[], found: RegExpExecArray) => ShepherdError;

const chartError: Explain = ({ chart = '' }, words) =>
  new ShepherdError('ERR_CHART', `chart ${chart}: ${words.join(' ')}`, {
    facts: { chart, reason: words.join('\n') },
    remedy: 'correct the chart or its name; look at it: helm lint, helm template',
  });

const valuesError: Explain = (_, words) => {
  const issues = words.flatMap((line): readonly Issue[] => {
    const [, path = '', what = ''] = /^\s*- at '([^']*)': (.*)$/.exec(line) ?? [];
    const [, got, want] = /^got (.*), want (.*)$/.exec(what) ?? [];
    return what === '' ? [] : [{ path: `values${path.replaceAll('/', '.')}`, got: got ?? 'something else', expected: want ?? what }];
  });
  const listed = issues.length > 0 ? issues : [{ path: 'values', got: words.join(' '), expected: 'values that the chart takes' }];
  return new ShepherdError('ERR_CHART_VALUES', `values that the chart does not take: ${words.join(' ')}`, {
    facts: { issues: listed },
    remedy: "correct the values named, or the chart's values.schema.json",
  });
};

const simple =
  <C extends ErrorCode>(
    code: C,
    facts: (asked: Asked, words: readonly string[], found: RegExpExecArray) => unknown,
    remedy: string,
    retryable = false,
  ): Explain =>
  (asked, words, found) =>
    new ShepherdError(code, `helm ${asked.command} ${asked.release}: ${words.join(' ')}`, { facts: facts(asked, words, found) as never, remedy, retryable });

/** The first that matches what helm said. */
const causes: readonly (readonly [RegExp, Explain])[] = [
  [/values don't meet the specifications of the schema/, valuesError],
  [/failed to parse .*values|cannot unmarshal .* values|coalesce/, valuesError],
  [
    /another operation \(install\/upgrade\/rollback\) is in progress/,
    simple('ERR_RELEASE_PENDING', ({ release }) => ({ release, status: 'pending', since: '' }), 'wait for the other helm to end, then try again'),
  ],
  [
    /(\S+ ".*") in namespace "\S*" exists and cannot be imported|(\S+ ".*") .*exists and cannot be imported/,
    simple(
      'ERR_CONFLICT',
      (_, words, found) => ({ object: found[1] ?? found[2] ?? '', reason: words.join(' ') }),
      'it belongs to no release, or to another one: delete it, or label it as helm says',
    ),
  ],
  [
    /release has no (\S+) version|release: not found/,
    simple(
      'ERR_REVISION_NOT_FOUND',
      ({ release }, _, found) => ({ app: release, hash: found[1] ?? '', known: [] }),
      'name one of the known revisions: shepherd rollback APP --list',
    ),
  ],
  [
    /conflict(s)? with "/,
    simple('ERR_CONFLICT', ({ release }, words) => ({ object: release, reason: words.join(' ') }), 'somebody else owns these fields: see who writes them'),
  ],
  [
    /shepherd: .*later holder of the lock/,
    simple('ERR_LOCK_LOST', () => ({ rolloutId: '', holder: 'unknown' }), 'another process drives the app now; this one stopped'),
  ],
  [
    /is forbidden:|shepherd: this child process may only read/,
    simple('ERR_FORBIDDEN', () => ({ missing: [] }), 'have a Role with these verbs bound to you in that namespace'),
  ],
  [/namespaces "[^"]*" not found/, simple('ERR_APP_NOT_FOUND', ({ release }) => ({ app: release, near: [] }), 'create the namespace, or name another one')],
  [
    /cluster unreachable|connection refused|connection reset|i\/o timeout|EOF$|context deadline exceeded/i,
    simple('ERR_UNREACHABLE', (_, words) => ({ what: 'the cluster, by helm', reason: words.join(' ') }), 'see that the API server answers', true),
  ],
  [
    /^path ".*" not found|Chart\.ya?ml file is missing|failed to download|chart ".*" .*not found|no chart name found|repo \S+ not found|YAML parse error|error converting YAML|template: |execution error at|executing "|parse error at|function ".*" not defined|validation: chart|missing in charts|found in Chart\.yaml, but missing|chart metadata|unable to build kubernetes objects|error validating data|failed to (fetch|load|pull)|could not (find|load)|cannot load/m,
    chartError,
  ],
];

/** A failed call as a typed error, by what helm said; what nobody foresaw is ERR_TOOL_FAILED with its last words. */
export function explained(asked: Asked, { code, signal, stderr }: Ran): ShepherdError {
  const words = wordsOf(stderr);
  const text = words.join('\n');
  if (signal === null) {
    for (const [pattern, explain] of causes) {
      const found = pattern.exec(text);
      if (found !== null) return explain(asked, words, found);
    }
  }
  const how = signal === null ? `ended with ${code}` : `was killed by ${signal}`;
  return new ShepherdError('ERR_TOOL_FAILED', `helm ${asked.command} ${asked.release} ${how}${text === '' ? '' : `: ${words.join(' ')}`}`, {
    facts: { tool: 'helm', command: asked.command, exitCode: code ?? undefined, signal: signal ?? undefined, lines: words },
    remedy:
      signal === null
        ? 'see what helm said'
        : 'see who ended it (memory, a person, a deadline), then run it again: a release that it left unfinished is taken up',
  });
}
