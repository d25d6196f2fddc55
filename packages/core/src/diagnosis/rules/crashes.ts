import type { CheckableEvidence, Hint } from '../cause.js';
import type { Container, Seen } from '../seen.js';
import { probeVerdict } from './probe-verdict.js';

const startErrors: ReadonlySet<string> = new Set(['StartError', 'RunContainerError', 'ContainerCannotRun', 'CreateContainerError']);

/** The lines that a container left behind, as evidence. */
export function logOf(seen: Seen, { data: { pod, name } }: Container): { readonly lines: readonly string[]; readonly evidence: readonly CheckableEvidence[] } {
  const log = seen.all('log').find(({ data }) => data.pod === pod && data.container === name && data.lines.length > 0);
  if (log === undefined) return { lines: [], evidence: [] };
  const { lines, previous } = log.data;
  return { lines, evidence: [{ summary: `last lines of ${previous ? 'the run before' : 'its log'}:\n${lines.join('\n')}`, check: log.check }] };
}

/** How a container that is not well ended, now or last. */
export function endOf({ data }: Container): { readonly code: number; readonly reason: string; readonly message: string } | undefined {
  const { endedCode, endedReason = '', endedMessage = '' } = data;
  return endedCode === undefined ? undefined : { code: endedCode, reason: endedReason, message: endedMessage };
}

/** It ends again and again, or has ended for good. A container that serves has nothing to answer for. */
export const keepsEnding = ({ data }: Container): boolean =>
  !data.ready &&
  (data.reason === 'CrashLoopBackOff' || data.state === 'terminated' || (data.restarts >= 2 && data.endedCode !== undefined)) &&
  data.endedReason !== undefined;

/** Containers that end: by themselves, for lack of memory, or that do not start at all. */
export function crashRule(seen: Seen): readonly Hint[] {
  return seen.containers.flatMap((container) => startHint(container, seen) ?? memoryHint(container, seen) ?? crashHint(container, seen) ?? []);
}

const place = ({ data: { pod, name } }: Container): string => `Pod ${pod}, container ${name}`;

function startHint(container: Container, seen: Seen): Hint | undefined {
  const { pod, name, reason = '', message = '', endedReason = '', endedMessage = '', ready, endedCode } = container.data;
  const which = startErrors.has(reason)
    ? reason
    : !ready && startErrors.has(endedReason) && (container.data.state !== 'running' || keepsEnding(container))
      ? endedReason
      : undefined;
  if (which === undefined) return undefined;
  const said = endedMessage || message;
  // The runtime of the node broke, not what it was told to run (KC 8).
  const isNode = which === 'ContainerCannotRun' && endedCode === 128;
  return {
    code: isNode ? 'pod-failed' : 'start-failed',
    object: `Pod ${pod}`,
    summary: `container ${name} cannot be started: ${said}`,
    evidence: [{ summary: `${place(container)} ended with ${which}: ${said}`, check: container.check }],
    confidence: isNode ? 'likely' : 'certain',
    fix: isNode ? 'let the pod start on another node' : 'correct the command of the container, or the image',
    next: isNode ? `shepherd restart ${seen.name} --pod ${pod}` : `shepherd rollback ${seen.name}`,
  };
}

function memoryHint(container: Container, seen: Seen): Hint | undefined {
  const { pod, name, ready, reason, endedReason, memoryLimit, restarts } = container.data;
  const isOut = endedReason === 'OOMKilled' || reason === 'OOMKilled';
  if (!isOut || (ready && restarts < 3)) return undefined;
  const limit = memoryLimit === undefined ? 'the node had no memory left' : `its limit is ${memoryLimit}`;
  const use = seen.all('usage').find(({ data }) => data.pod === pod);
  return {
    code: 'out-of-memory',
    object: `Pod ${pod}`,
    summary: `container ${name} was killed because it used more memory than it may; ${limit}`,
    evidence: [
      { summary: `${place(container)} was OOMKilled (exit code 137), ${restarts} restarts; ${limit}`, check: container.check },
      ...(use === undefined ? [] : [{ summary: `the pod uses ${use.data.memory} Mi now`, check: use.check }]),
      ...logOf(seen, container).evidence,
    ],
    confidence: 'certain',
    fix: 'raise the memory limit, or find what uses the memory',
    next: `shepherd rollback ${seen.name}`,
  };
}

function crashHint(container: Container, seen: Seen): Hint | undefined {
  const end = endOf(container);
  if (end === undefined || !keepsEnding(container) || end.reason === 'OOMKilled' || startErrors.has(end.reason)) return undefined;
  // Killed by its probe it ends like any other; only what was noted tells.
  if (probeVerdict(seen, container, 'Liveness', 'Startup') !== undefined) return undefined;
  const { pod, name, restarts } = container.data;
  const log = logOf(seen, container);
  const isDone = end.code === 0;
  const last = log.lines.at(-1);
  const message = end.message === '' ? '' : `: ${end.message.trim()}`;
  return {
    code: isDone ? 'command-ends' : 'crash',
    object: `Pod ${pod}`,
    summary: isDone
      ? `container ${name} ends by itself with exit code 0, as a job does and a server must not`
      : `container ${name} ends with exit code ${end.code}${end.code === 137 ? ' (killed from outside: SIGKILL)' : ''}${last === undefined ? '' : `; its last line: ${last}`}`,
    evidence: [
      {
        summary: `${place(container)} ended with exit code ${end.code}${end.reason === '' ? '' : ` (${end.reason})`}${message}; ${restarts} restarts`,
        check: container.check,
      },
      ...log.evidence,
    ],
    confidence: 'certain',
    fix: isDone ? 'correct the command or the entry point of the image' : 'read the last lines of the log: the program says why it ended',
    next: `shepherd rollback ${seen.name}`,
  };
}
