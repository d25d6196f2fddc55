import { type ErrorInfo, type PortContext, ShepherdError } from '@shepherd/core';
import type { Cluster } from '../cluster.js';
import { paths } from '../objects.js';
import type { Doom } from './doomed.js';
import { warningsOf } from './probe-answers.js';
import { redact } from './redact.js';

const logLines = 25;

/** What doomed a pod, in the platform's words, with its last log lines and events; core says why (`diagnose`). A log or event that may not be read is named, never a failure. */
export async function doomReport(cluster: Cluster, context: PortContext, doom: Doom): Promise<ErrorInfo> {
  const { namespace } = context.app;
  const [log, events] = await Promise.all([readLog(cluster, context, doom), readEvents(cluster, context, doom.pod)]);
  const message = redact(doom.message).slice(0, 400);
  const where = doom.container === undefined ? doom.pod : `${doom.pod}, container ${doom.container}`;
  return new ShepherdError('ERR_POD_DOOMED', `${namespace}/${where}: ${doom.state}${message === '' ? '' : `: ${message}`}`, {
    facts: { pod: doom.pod, state: doom.state, ...(doom.exitCode === undefined ? {} : { exitCode: doom.exitCode }), log, events },
    remedy: 'look at the pod, its log and its events: shepherd diagnose says what is wrong with it',
  }).toJSON() as ErrorInfo;
}

async function readLog(cluster: Cluster, { app, signal }: PortContext, { pod, container, previousLog, exitCode }: Doom): Promise<readonly string[]> {
  if (container === undefined || exitCode === undefined) return [];
  const read = async (previous: boolean): Promise<{ readonly status: number; readonly text: string }> =>
    cluster.api.raw('GET', `${paths.pods(app.namespace, pod)}/log`, {
      signal,
      query: { container, tailLines: String(logLines), limitBytes: '16384', ...(previous ? { previous: 'true' } : {}) },
    });
  try {
    const first = await read(previousLog);
    const answer = first.status === 200 || !previousLog ? first : await read(false);
    if (answer.status !== 200) return [`(the log could not be read: ${answer.status === 403 ? 'no right to get pods/log' : answer.status})`];
    return answer.text
      .split('\n')
      .filter((line) => line !== '')
      .map(redact);
  } catch (error) {
    signal.throwIfAborted();
    return [`(the log could not be read: ${error instanceof Error ? error.message : String(error)})`];
  }
}

async function readEvents(cluster: Cluster, context: PortContext, pod: string): Promise<readonly string[]> {
  try {
    const warnings = await warningsOf(cluster, context, pod);
    return warnings.slice(-10).map(({ reason, message }) => `${reason}: ${redact(message ?? '').slice(0, 300)}`);
  } catch (error) {
    context.signal.throwIfAborted();
    return [`(events could not be read: ${error instanceof Error ? error.message : String(error)})`];
  }
}
