import { type Agent, request } from 'node:http';
import { failureKind } from './failure-kind.js';
import type { Answer } from './load-options.js';

const longestBody = 64 * 1024;

/** Ms since 1970 with a fraction; the same for all processes of a machine, as long as nobody sets its clock. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

function identityOf(body: string): Pick<Answer, 'version' | 'pod'> {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  try {
    const { version, pod } = JSON.parse(body) as { readonly version?: unknown; readonly pod?: unknown };
    return { version: text(version), pod: text(pod) };
  } catch {
    return { version: undefined, pod: undefined };
  }
}

/** Sends one GET and never a second one: a connection that turns out to be dead is a failed request. Never rejects. */
export function sendRequest(url: URL, agent: Agent, due: number, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    let connected: number | undefined;
    let status = 0;
    let body = '';
    let timedOut = false;
    const outgoing = request(url, { agent });
    const timer = setTimeout(
      () => {
        timedOut = true;
        outgoing.destroy();
      },
      Math.max(0, due + timeoutMs - preciseNow()),
    );
    const end = (failure: Answer['failure']): void => {
      clearTimeout(timer);
      resolve({ due, connected, done: preciseNow(), status, ...identityOf(body), failure });
    };
    const fail = (error: unknown): void => end(timedOut ? 'timeout' : failureKind(error, status > 0));
    outgoing.once('socket', (socket) => {
      if (outgoing.reusedSocket || !socket.connecting) return;
      socket.once('connect', () => {
        connected = preciseNow();
      });
    });
    outgoing.on('error', fail);
    outgoing.once('response', (response) => {
      status = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < longestBody) body += chunk;
      });
      response.on('error', fail);
      response.once('end', () => end(status >= 200 && status < 300 ? undefined : `status-${status}`));
    });
    outgoing.end();
  });
}
