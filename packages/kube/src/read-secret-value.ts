import { invalidOptions, ShepherdError } from '@shepherd/core';
import { KubeError, type KubeObject } from './api/index.js';
import { Cluster } from './cluster.js';
import type { KubernetesOptions } from './options.js';

type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> | undefined };

const dnsName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const keyName = /^[\w.-]{1,253}$/;

/**
 * One key of a Secret, as text, without white space around it; needs the right to get that Secret. Neither the value nor what the server says of the object is in
 * an error. @default namespace: the context's @throws ShepherdError ERR_INVALID_OPTIONS where it is not there, ERR_FORBIDDEN, ERR_UNREACHABLE
 */
export async function readSecretValue(
  options: KubernetesOptions & { readonly name: string; readonly key: string; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const { name, key, signal = new AbortController().signal, ...connection } = options;
  const missing = (got: string, remedy: string): ShepherdError =>
    invalidOptions([{ path: `secretRef ${name}/${key}`, got, expected: 'a Secret that has this key' }], remedy);
  if (!dnsName.test(name) || !keyName.test(key)) throw missing('a name that no Secret or key has', 'correct it');
  const cluster = new Cluster(connection);
  try {
    const namespace = await cluster.namespace();
    const { data } = await cluster.api.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${name}`, { signal });
    const value = data?.[key];
    if (value === undefined) throw missing(`a Secret in ${namespace} without it`, 'add the key, or correct its name');
    return Buffer.from(value, 'base64').toString('utf8').trim();
  } catch (error) {
    signal.throwIfAborted();
    if (ShepherdError.is(error)) throw error;
    const status = error instanceof KubeError ? error.status : undefined;
    if (status === 404) throw missing('no such Secret', 'make it, or correct its name');
    if (status === 401 || status === 403) {
      throw new ShepherdError('ERR_FORBIDDEN', `the Secret ${name} may not be read`, {
        facts: { missing: [{ verb: 'get', resource: `secrets/${name}` }] },
        remedy: 'shepherd rbac --for secrets prints the right',
      });
    }
    throw new ShepherdError('ERR_UNREACHABLE', `the Secret ${name} could not be read`, {
      facts: { what: `Secret ${name}`, reason: status === undefined ? 'no answer' : `status ${status}` },
      remedy: 'see whether the cluster answers',
      retryable: true,
    });
  } finally {
    await cluster.api.close();
  }
}
