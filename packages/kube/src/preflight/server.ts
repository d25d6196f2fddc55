import type { Finding, PortContext } from '@shepherd/core';
import type { Cluster } from '../cluster.js';
import { translated } from '../cluster.js';

/** The oldest server that everything we use is stable on (KC 1). */
const oldestMinor = 24;

export interface ServerVersion {
  /** `v1.34.0`. */
  readonly text: string;
  /** 34; undefined: it does not say. */
  readonly minor: number | undefined;
}

/** What `/version` answers. Pure. */
export function parseVersion(text: string): ServerVersion {
  try {
    const { gitVersion = 'of an unknown version', major, minor } = JSON.parse(text) as { gitVersion?: string; major?: string; minor?: string };
    const [, ofText] = /^v?1\.(\d+)/.exec(gitVersion) ?? [];
    const number = Number.parseInt(minor ?? ofText ?? '', 10);
    return { text: gitVersion, minor: (major ?? '1') === '1' && Number.isInteger(number) ? number : undefined };
  } catch {
    return { text: 'of an unknown version', minor: undefined };
  }
}

export const readVersion = ({ api }: Cluster, context: PortContext): Promise<ServerVersion> =>
  translated(context, 'ask for the version of the server', async () => parseVersion((await api.raw('GET', '/version', { signal: context.signal })).text));

/** Where it would be written to, and whether that is old. Pure but for the connection's name. */
export async function serverFindings(cluster: Cluster, { app }: PortContext, { text, minor }: ServerVersion): Promise<readonly Finding[]> {
  const { server, context } = await cluster.connection();
  const object = `cluster ${context}`;
  const host = new URL(server).host;
  return [
    {
      id: 'server',
      level: 'note',
      object,
      message: `Kubernetes ${text} at ${host}, context ${context}, namespace ${app.namespace}`,
      fix: 'nothing to do',
    },
    ...(minor !== undefined && minor < oldestMinor
      ? [
          {
            id: 'server-old',
            level: 'error' as const,
            object,
            message: `the server is Kubernetes ${text}, and 1.${oldestMinor} is the oldest that has everything a rollout uses`,
            fix: 'update the cluster first',
          },
        ]
      : []),
  ];
}
