import { readSecret, type SecretSource } from '@shepherd/core';
import type { PrometheusOptions } from '../options.js';

/** The headers of one request. `secrets`: what must never be shown. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Read anew for each request, so that tokens may rotate. @throws ShepherdError ERR_INVALID_OPTIONS where a secret is missing */
export async function credentialsOf({ auth, headers = {} }: Pick<PrometheusOptions, 'auth' | 'headers'>): Promise<Credentials> {
  const secrets: string[] = [];
  const secret = async (source: SecretSource): Promise<string> => {
    const value = (await readSecret(source)).trim();
    secrets.push(value);
    return value;
  };
  const read = await Promise.all(
    Object.entries(headers).map(async ([name, value]) => [name, typeof value === 'string' ? value : await secret(value)] as const),
  );
  const sent: Record<string, string> = Object.fromEntries(read);
  if (auth !== undefined && 'bearer' in auth) sent['authorization'] = `Bearer ${await secret(auth.bearer)}`;
  else if (auth !== undefined) {
    const basic = Buffer.from(`${auth.username}:${await secret(auth.password)}`).toString('base64');
    secrets.push(basic);
    sent['authorization'] = `Basic ${basic}`;
  }
  return { headers: sent, secrets };
}

/** Text that somebody else wrote, without our secrets. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((line, each) => (each.length < 3 ? line : line.replaceAll(each, '***')), text);
