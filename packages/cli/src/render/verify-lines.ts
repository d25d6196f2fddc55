import { formatApp } from '@shepherd/core';
import type { ErrorLines, Verification } from '@shepherd/core/verification';
import type { Probe } from '../probe/probe.js';
import { podTable } from './pod-lines.js';
import { table } from './table.js';

/** What was asked and what it came to, the pods, and the time of a request by its parts. */
export function verifyLines({ app, passed, checks, pods, logs, probe }: Verification & { readonly probe?: Probe }, nowMs: number): readonly string[] {
  const rows = checks.map(({ verdict, text, says }) => [`  ${verdict}`, text, verdict === 'pass' && says === text ? '' : says]);
  const failed = checks.filter(({ verdict }) => verdict !== 'pass').length + (probe?.ok === false ? 1 : 0);
  return [
    `verify ${formatApp(app)}`,
    ...table(rows),
    ...(probe === undefined ? [] : probeLines(probe)),
    ...(pods.length === 0 ? [] : ['', ...podTable(pods, nowMs)]),
    ...(logs === undefined ? [] : ['', ...logs.flatMap(logLines)]),
    '',
    passed ? 'all is well' : `${failed} of ${checks.length + (probe === undefined ? 0 : 1)} did not pass`,
  ];
}

const logLines = ({ pod, container, of, lines, unread }: ErrorLines): readonly string[] =>
  unread === undefined
    ? [`log of ${pod}, ${container}: ${lines.length} of ${of} lines tell of trouble`, ...lines.map((line) => `  | ${line}`)]
    : [`log of ${pod}, ${container}: ${unread}`];

function probeLines({ ok, url, status, timing, says }: Probe): readonly string[] {
  const head = `  ${ok ? 'pass' : 'fail'}  GET ${url}${status === undefined ? '' : ` answers ${status}`}${says.length === 0 ? '' : `: ${says.join('; ')}`}`;
  if (timing === undefined) return [head];
  const names = {
    dns: 'DNS',
    connect: 'connect',
    tls: 'TLS',
    pretransfer: 'pre-transfer',
    redirect: 'redirect',
    firstByte: 'first byte',
    total: 'total',
  } as const;
  return [
    head,
    `        ${Object.entries(names)
      .map(([key, name]) => `${name} ${timing[key as keyof typeof names]} ms`)
      .join(' · ')}`,
  ];
}
