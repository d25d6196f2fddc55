import { ShepherdError } from '@shepherd/core';
import { untilAborted } from '../on-abort.js';
import type { CredentialSource } from './connection.js';
import type { Sourced, UserConfig } from './kubeconfig-file.js';

/** What we use of client-node: it adds the authorization of legacy providers (gcp, azure, oidc) and refreshes it on its own. */
interface LegacyConfig {
  applyToFetchOptions(options: object): Promise<{ readonly headers?: unknown }>;
}

/** Users with `auth-provider`, which kubectl dropped and old kubeconfigs still have. Costs the import of client-node, at the first use. */
export function authProviderCredentials(name: string, { value }: Sourced<UserConfig>): CredentialSource {
  let opened: Promise<LegacyConfig> | undefined;
  const provider = value['auth-provider']?.name ?? 'without a name';
  return {
    async get({ signal }) {
      opened ??= open(name, value);
      try {
        const config = await opened;
        const { headers } = await untilAborted(signal, () => config.applyToFetchOptions({}));
        const authorization = new Headers(headers as ConstructorParameters<typeof Headers>[0]).get('authorization');
        if (authorization === null) throw new Error('it gave no token');
        return { headers: { authorization } };
      } catch (error) {
        opened = undefined;
        signal.throwIfAborted();
        throw failed(provider, error);
      }
    },
    drop() {
      opened = undefined;
      return true;
    },
  };
}

async function open(name: string, user: UserConfig): Promise<LegacyConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const authProvider = { ...user['auth-provider'], config: { ...user['auth-provider']?.config } };
  // The server is never called: only the header of the user is asked for.
  config.loadFromClusterAndUser({ name: 'cluster', server: 'https://127.0.0.1', skipTLSVerify: false }, { name, authProvider });
  return config as unknown as LegacyConfig;
}

function failed(provider: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new ShepherdError('ERR_UNREACHABLE', `the auth provider ${provider} gave no credential: ${reason}`, {
    facts: { what: `auth provider ${provider}`, reason },
    remedy: 'log in again with the tool that wrote this kubeconfig; auth-provider is gone from Kubernetes since 1.26, so an exec plugin is the better way',
    retryable: true,
    cause: error,
  });
}
