import { invalidOptions, type Transport } from '@shepherd/core';
import { type Connection, staticCredentials } from './connection.js';
import { credentialsOf } from './credentials.js';
import { readPem } from './files.js';
import { type Environment, findKubeconfigs } from './find-kubeconfig.js';
import { inClusterConnection } from './in-cluster.js';
import { type ClusterConfig, type Kubeconfig, parseKubeconfigs, type Sourced } from './kubeconfig-file.js';
import { nearNames } from './near.js';
import { isLoopback, proxyOf } from './proxy.js';
import { withoutSecrets } from './without-secrets.js';

export interface LoadConnectionOptions {
  /** Path or content. @default the files of KUBECONFIG, else `~/.kube/config`, else the service account of this pod */
  readonly kubeconfig?: string | undefined;
  /** @default the kubeconfig's `current-context` */
  readonly context?: string | undefined;
  /** Refuse the kubeconfig's `current-context` where there are several contexts (KC KU-4). @default false */
  readonly explicitContext?: boolean | undefined;
  /** The API in this process. The server's address is then only a name, and without a kubeconfig none is looked for. */
  readonly transport?: Transport | undefined;
  /** @default process.env */
  readonly env?: Environment | undefined;
  /** Where the service account of this pod is mounted. @default /var/run/secrets/kubernetes.io/serviceaccount */
  readonly serviceAccount?: string | undefined;
}

/** Which cluster, as whom. Reads files only; no request, no plugin run. @throws ERR_INVALID_OPTIONS with what is wrong and how to mend it */
export async function loadConnection(options: LoadConnectionOptions = {}): Promise<Connection> {
  const { kubeconfig, context, explicitContext = false, transport, env = process.env, serviceAccount } = options;
  if (kubeconfig === undefined && transport !== undefined) return inMemory(transport);
  const texts = await findKubeconfigs(kubeconfig, env);
  if (texts.length > 0) {
    const files = texts.map(({ file }) => file).join(', ');
    return connectionOf(await parseKubeconfigs(texts), { files, context, explicitContext, transport, env });
  }
  const inCluster = context === undefined ? await inClusterConnection(env, serviceAccount) : undefined;
  if (inCluster !== undefined) return inCluster;
  throw invalidOptions(
    [
      {
        path: context === undefined ? 'kubeconfig' : 'context',
        got: context ?? 'nothing',
        expected: 'KUBECONFIG, ~/.kube/config or a pod with a service account',
      },
    ],
    'name a kubeconfig, set KUBECONFIG, or run in a pod',
  );
}

function inMemory(transport: Transport): Connection {
  const credentials = staticCredentials({ headers: {} });
  return withoutSecrets({ server: 'http://127.0.0.1', namespace: 'default', context: 'in-memory', contextFrom: 'transport', tls: {}, credentials, transport });
}

interface Choice {
  readonly files: string;
  readonly context: string | undefined;
  readonly explicitContext: boolean;
  readonly transport: Transport | undefined;
  readonly env: Environment;
}

async function connectionOf(config: Kubeconfig, { files, context: asked, explicitContext, transport, env }: Choice): Promise<Connection> {
  const name = asked ?? config.currentContext;
  if (name === undefined) throw noContext(config, files);
  if (explicitContext && asked === undefined && config.contexts.size > 1) throw notNamed(config, name, files);
  const context = config.contexts.get(name)?.value;
  if (context === undefined) throw unknown(asked === undefined ? 'current-context' : 'context', name, config.contexts, files);
  const cluster = config.clusters.get(context.cluster ?? '');
  if (cluster === undefined) throw unknown(`contexts.${name}.cluster`, context.cluster ?? '', config.clusters, files);
  const userName = context.user ?? '';
  const user = userName === '' ? { value: {}, file: cluster.file, folder: cluster.folder } : config.users.get(userName);
  if (user === undefined) throw unknown(`contexts.${name}.user`, userName, config.users, files);
  const at = `clusters.${context.cluster}`;
  const server = serverOf(at, cluster, transport !== undefined);
  const { value } = cluster;
  return withoutSecrets({
    server: server.href.replace(/\/+$/, ''),
    namespace: context.namespace || 'default',
    context: name,
    contextFrom: asked === undefined ? 'kubeconfig' : 'caller',
    tls: {
      ca: await readPem(cluster, `${at}.certificate-authority`, value['certificate-authority-data'], value['certificate-authority']),
      serverName: value['tls-server-name'] || undefined,
      insecure: value['insecure-skip-tls-verify'],
    },
    proxy: proxyUrlOf(at, cluster) ?? proxyOf(server, env),
    credentials: await credentialsOf(userName, user, cluster),
    transport,
  });
}

function serverOf(path: string, { value, file }: Sourced<ClusterConfig>, inMemoryToo: boolean): URL {
  const wrong = (got: string, expected: string): Error => invalidOptions([{ path: `${path}.server`, got, expected }], `correct the server in ${file}`);
  if (!value.server) throw wrong('nothing', 'the address of the API server, as https://host:6443');
  let url: URL;
  try {
    url = new URL(value.server.includes('://') ? value.server : `https://${value.server}`);
  } catch {
    throw wrong(value.server, 'a URL, as https://host:6443');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(value.server, 'https://');
  if (url.protocol === 'http:' && !inMemoryToo && !isLoopback(url.hostname))
    throw wrong(value.server, 'https:// (plain http:// would show the credential to the network, and is for loopback only)');
  return url;
}

function proxyUrlOf(path: string, { value, file }: Sourced<ClusterConfig>): string | undefined {
  const proxy = value['proxy-url'];
  if (!proxy) return undefined;
  const known = URL.canParse(proxy) && ['http:', 'https:', 'socks5:'].includes(new URL(proxy).protocol);
  // The address may hold a password, so it is not quoted.
  if (!known)
    throw invalidOptions([{ path: `${path}.proxy-url`, got: 'another text', expected: 'a URL of http, https or socks5' }], `correct proxy-url in ${file}`);
  return proxy;
}

function noContext({ contexts }: Kubeconfig, files: string): Error {
  const names = [...contexts.keys()];
  const known = names.length === 0 ? `${files} has no contexts` : `${files} has ${names.join(', ')}`;
  return invalidOptions([{ path: 'current-context', got: 'nothing', expected: 'a context' }], `name a context: ${known}`);
}

function notNamed({ contexts }: Kubeconfig, current: string, files: string): Error {
  const expected = `one of ${[...contexts.keys()].slice(0, 20).join(', ')}`;
  return invalidOptions(
    [{ path: 'context', got: `nothing (the current one is ${current})`, expected }],
    `name the context that is meant, as --context ${current}: ${files} has several, and the current one may have been chosen for something else`,
  );
}

function unknown(path: string, got: string, known: ReadonlyMap<string, unknown>, files: string): Error {
  const names = [...known.keys()];
  const near = nearNames(got, names);
  const expected = names.length === 0 ? 'one that exists; there is none' : `one of ${names.slice(0, 20).join(', ')}`;
  const remedy = near.length > 0 ? `did you mean ${near.join(' or ')}? (names from ${files})` : `correct the name, or another kubeconfig than ${files}`;
  return invalidOptions([{ path, got: got === '' ? 'nothing' : got, expected }], remedy);
}
