import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from './connection.js';
import { readNamed } from './files.js';
import type { Environment } from './find-kubeconfig.js';
import { tokenFileCredentials } from './token-file.js';
import { withoutSecrets } from './without-secrets.js';

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The service account of the pod that this process runs in; undefined outside of a pod (KC KU-5). */
export async function inClusterConnection(env: Environment, folder = serviceAccount): Promise<Connection | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '') return undefined;
  const named = { path: 'serviceaccount', kubeconfig: `the pod's volume ${folder}` };
  const ca = await readNamed(join(folder, 'ca.crt'), named.path, named.kubeconfig);
  const namespace = (await readFile(join(folder, 'namespace'), 'utf8').catch(() => '')).trim();
  return withoutSecrets({
    server: `https://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`,
    namespace: namespace === '' ? 'default' : namespace,
    context: 'in-cluster',
    contextFrom: 'in-cluster',
    tls: { ca },
    credentials: tokenFileCredentials(join(folder, 'token'), named),
  });
}
