import { authProviderCredentials } from './auth-provider.js';
import { type Credential, type CredentialSource, staticCredentials } from './connection.js';
import { execCredentials } from './exec-credentials.js';
import { fromFolder, readPem } from './files.js';
import { impersonationHeaders } from './impersonation.js';
import type { ClusterConfig, Sourced, UserConfig } from './kubeconfig-file.js';
import { tokenFileCredentials } from './token-file.js';

/** The credentials of one user of a kubeconfig. @throws ERR_INVALID_OPTIONS for files that are missing and plugins that cannot be run */
export async function credentialsOf(name: string, user: Sourced<UserConfig>, cluster: Sourced<ClusterConfig>): Promise<CredentialSource> {
  const { value, file, folder } = user;
  const at = `users.${name}`;
  const cert = await readPem(user, `${at}.client-certificate`, value['client-certificate-data'], value['client-certificate']);
  const key = await readPem(user, `${at}.client-key`, value['client-key-data'], value['client-key']);
  const fixed: Credential = {
    headers: impersonationHeaders(value),
    ...(cert === undefined || key === undefined ? {} : { clientCertificate: { cert, key } }),
  };
  if (value.tokenFile) return withFixed(tokenFileCredentials(fromFolder(folder, value.tokenFile), { path: `${at}.tokenFile`, kubeconfig: file }), fixed);
  if (value.token) return staticCredentials({ ...fixed, headers: { ...fixed.headers, authorization: `Bearer ${value.token}` } });
  if (value.exec) return withFixed(await execCredentials(`${at}.exec`, { ...user, value: value.exec }, cluster), fixed);
  if (value['auth-provider']) return withFixed(authProviderCredentials(name, user), fixed);
  if (value.username) {
    const basic = Buffer.from(`${value.username}:${value.password ?? ''}`).toString('base64');
    return staticCredentials({ ...fixed, headers: { ...fixed.headers, authorization: `Basic ${basic}` } });
  }
  return staticCredentials(fixed);
}

/** Impersonation and a client certificate go with whatever else authenticates. */
function withFixed(source: CredentialSource, fixed: Credential): CredentialSource {
  const origin = new WeakMap<Credential, Credential>();
  return {
    async get(context) {
      const credential = await source.get(context);
      const whole = { ...fixed, ...credential, headers: { ...fixed.headers, ...credential.headers } };
      origin.set(whole, credential);
      return whole;
    },
    drop: (credential) => source.drop(origin.get(credential) ?? credential),
  };
}
