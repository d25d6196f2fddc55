import type { Issue } from '../errors/error-facts.js';
import { defineCheck } from '../extend/define-check.js';
import { schemaOf } from '../extend/schema-of.js';
import { clean, cut } from '../notices/clean.js';
import type { ExecCommand, ExecReply } from '../ports/exec.js';
import { durationIssue, shown, unknownKeys } from '../strategies/options.js';
import { formatMs, parseDuration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import { fail, pass, type Verdict, verdictError } from '../words/verdict.js';

/** A command that must end well in one ready pod. It may be run several times, so it must change nothing. */
export interface ExecCheck extends ExecCommand {
  /** @default the track under test */
  readonly track?: TrackName | undefined;
  /** What it must print to standard output, somewhere in its first 16 KiB. @default anything */
  readonly expect?: string | undefined;
}

/** Of what it printed, in verdicts, events and reports. */
const longest = 300;
const keys = ['command', 'container', 'track', 'timeout', 'expect'];
/** All checks of a step have five minutes. */
const mostMs = 300_000;

function issuesOf(input: object): readonly Issue[] {
  const { command, container, track, timeout, expect } = input as Partial<Record<keyof ExecCheck, unknown>>;
  const isCommand = Array.isArray(command) && command.length > 0 && command.every((part) => typeof part === 'string') && command[0] !== '';
  const tooLong = typeof timeout === 'string' && (parseDuration(timeout) ?? 0) > mostMs;
  const text = (path: string, value: unknown): readonly Issue[] =>
    value === undefined || (typeof value === 'string' && value !== '') ? [] : [{ path, got: shown(value), expected: 'a text that is not empty' }];
  return [
    ...unknownKeys('exec', input, keys),
    ...(isCommand ? [] : [{ path: 'command', got: shown(command), expected: 'a program and its arguments: ["mongosh", "--quiet", "--eval", "db.hello()"]' }]),
    ...text('container', container),
    ...text('expect', expect),
    ...(track === undefined || track === 'stable' || track === 'candidate' ? [] : [{ path: 'track', got: shown(track), expected: 'stable or candidate' }]),
    ...durationIssue('timeout', timeout, 1),
    ...(tooLong ? [{ path: 'timeout', got: shown(timeout), expected: 'at most 5m, the time of all checks' }] : []),
  ];
}

/** What it printed, on one line: without credentials, escape sequences and control characters. */
const printed = (text: string): string =>
  cut(
    clean(text, Number.POSITIVE_INFINITY)
      .trim()
      .replaceAll(/\s*\n\s*/g, ' / '),
    longest,
  );

function judge(reply: ExecReply, { command, expect }: ExecCheck): Verdict {
  const { pod, container } = reply;
  const program = `${pod}: ${cut(command[0] ?? '', 60)}`;
  const [stdout, stderr] = [printed(reply.stdout), printed(reply.stderr)];
  const data = { pod, container, stdout, stderr, ...(reply.kind === 'ended' ? { exitCode: reply.exitCode } : {}) };
  const said = stderr || stdout;
  const saying = said === '' ? '' : `: ${said}`;
  switch (reply.kind) {
    case 'not-started':
      return verdictError(`${program} could not be started in container ${container}: ${printed(reply.reason)}`, data);
    case 'pod-gone':
      return verdictError(`${program} had not ended when the pod went away: ${printed(reply.reason)}`, data);
    case 'broken':
      return verdictError(`${program} had not ended when the connection broke: ${printed(reply.reason)}`, data);
    case 'timed-out':
      return fail(`${program} did not end within ${formatMs(reply.afterMs)}${saying}`, data);
    default:
      if (reply.exitCode !== 0) return fail(`${program} ended with code ${reply.exitCode}${saying}`, data);
      if (expect !== undefined && !reply.stdout.includes(expect)) return fail(`${program} did not print ${JSON.stringify(cut(expect, 80))}${saying}`, data);
      return pass(`${program} ended with code 0${stdout === '' ? '' : `: ${stdout}`}`, data);
  }
}

/**
 * A command in a pod ends with code 0: what no HTTP answer tells, the guide's look at the database from a pod. No shell is added; it runs in one ready pod, may be run again
 * where it does not pass, and in no watch that asks every few seconds. What it prints is shown without what looks like a credential, and no further than 300
 * characters; a password by itself does not look like one, so it must not print any.
 */
export const exec = defineCheck<ExecCheck>({
  use: 'shepherd/exec',
  input: schemaOf<ExecCheck>(issuesOf),
  describe: ({ command }) => `${cut(command[0] ?? '', 60)} ends with code 0 in a pod`,
  async run(input, { exec: run, track: tested }) {
    const { command, container, timeout, track = tested } = input;
    if (run === undefined) return verdictError('this platform runs no commands in pods');
    const reply = await run(track, { command, ...(container === undefined ? {} : { container }), ...(timeout === undefined ? {} : { timeout }) });
    return reply === undefined ? verdictError(`${track} has no ready pod to run ${cut(command[0] ?? '', 60)} in`) : judge(reply, input);
  },
});
