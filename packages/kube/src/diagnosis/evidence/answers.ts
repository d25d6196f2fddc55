import type { EvidenceOf } from '@shepherd/core';
import { KubeError } from '../../api/index.js';
import { paths } from '../../objects.js';
import type { Reads } from '../reads.js';
import type { World } from './world.js';

/** What asking a port through the API server showed. `open` undefined: it does not tell. */
export interface Heard {
  readonly status: number;
  readonly open: boolean | undefined;
  readonly said: string | undefined;
}

const askMs = 2_000;

/** Asks a port of a pod over HTTP, from the API server; a port that speaks something else shows itself by answering no HTTP. */
export async function askPort({ cluster }: Reads, namespace: string, pod: string, port: string, path: string, signal: AbortSignal): Promise<Heard> {
  const call = { method: 'GET', path: proxyPath(namespace, pod, port) };
  const { status, text } = await cluster.api.raw(call.method, `${call.path}${path}`, { signal, timeoutMs: askMs });
  // What the API server itself refuses is no answer of the pod.
  if (status === 403 && isStatus(text)) throw new KubeError(call, 'not allowed', { status, reason: 'Forbidden' });
  return heard(status, text);
}

export const proxyPath = (namespace: string, pod: string, port: string): string => `${paths.pods(namespace, pod)}:${port}/proxy`;

/** What an answer through the proxy says of the port behind it. Pure. */
export function heard(status: number, text: string): Heard {
  const said = proxyError(status, text);
  if (said === undefined) return { status, open: true, said: undefined };
  if (/connection refused/i.test(said)) return { status: 0, open: false, said: 'connection refused' };
  if (/malformed HTTP|\bEOF\b|connection (?:broken|reset)|reset by peer|unexpected newline|HTTP\/0\.9|transport connection/i.test(said))
    return { status: 0, open: true, said: 'something that is not HTTP' };
  return { status: 0, open: undefined, said: said.slice(0, 200) };
}

/** The words of the API server where nothing of the app answered. */
function proxyError(status: number, text: string): string | undefined {
  if (status < 400) return undefined;
  if (text.startsWith('error trying to reach service')) return text;
  if (!isStatus(text)) return undefined;
  try {
    return String((JSON.parse(text) as { readonly message?: unknown }).message);
  } catch {
    return text;
  }
}

/** The API server's own words. */
export const isStatus = (text: string): boolean => text.startsWith('{"kind":"Status"');

interface Question {
  readonly pod: string;
  readonly port: string;
  readonly path: string;
  readonly role: 'probe' | 'target' | 'declared';
}

const most = 8;

/**
 * What to ask: of a container that runs without being ready where its probe asks and where it says that it listens; of one that is ready where its Services send.
 * Pure.
 */
export function questions(containers: readonly EvidenceOf<'container'>[], services: readonly EvidenceOf<'service'>[]): readonly Question[] {
  const running = containers.filter(({ data }) => data.state === 'running' && data.current);
  const sick = running.filter(({ data }) => !data.ready).slice(0, 1);
  const well = running.filter(({ data }) => data.ready).slice(0, 1);
  const targets = services.flatMap(({ data }) => data.targets);
  const numbers = (ports: readonly string[]): readonly string[] => [...new Set(ports)].filter((port) => /^\d+$/.test(port));
  const asked = [
    ...sick.flatMap(({ data: { pod, probe = '', probePort, ports } }): readonly Question[] => [
      ...(probePort === undefined ? [] : [{ pod, port: probePort, path: /^GET :[^/]*(\/\S*)/.exec(probe)?.[1] ?? '/', role: 'probe' as const }]),
      ...numbers([...ports, ...targets]).map((port) => ({ pod, port, path: '/', role: 'declared' as const })),
    ]),
    ...well.flatMap(({ data: { pod, ports } }): readonly Question[] => [
      ...numbers(targets).map((port) => ({ pod, port, path: '/', role: 'target' as const })),
      ...numbers(ports).map((port) => ({ pod, port, path: '/', role: 'declared' as const })),
    ]),
  ];
  return [...new Map(asked.toReversed().map((each) => [`${each.pod} ${each.port}`, each])).values()]
    .toReversed()
    .filter(({ port }) => /^\d+$/.test(port))
    .slice(0, most);
}

export async function answerEvidence(
  reads: Reads,
  { app, commands }: World,
  containers: readonly EvidenceOf<'container'>[],
  services: readonly EvidenceOf<'service'>[],
): Promise<readonly EvidenceOf<'answer'>[]> {
  const all = await Promise.all(
    questions(containers, services).map(async ({ pod, port, path, role }) => {
      const answer = await reads.attempt(`port ${port} of Pod ${pod}`, 'get pods/proxy', undefined, (signal) =>
        askPort(reads, app.namespace, pod, port, path, signal),
      );
      if (answer?.open === undefined) return [];
      const { status, open, said } = answer;
      return [
        {
          source: 'answer',
          object: `Pod ${pod}`,
          check: commands.raw(`${proxyPath(app.namespace, pod, port)}${path}`),
          data: { pod, port, path, status, open, role, ...(said === undefined ? {} : { said }) },
        } as const,
      ];
    }),
  );
  return all.flat();
}
