import type { Finding, SecretSource } from '@shepherd/core';
import { checkedUrl, Forbidden } from './http/exchange.js';
import { secretLine } from './options.js';

/** A secret that a channel needs, and what it must be: an address that notices may go to, or whatever `wrong` says nothing about. */
export interface Needed {
  /** Of the option: `slack.webhook`. */
  readonly path: string;
  readonly source: SecretSource;
  readonly kind: 'address' | 'secret';
  readonly wrong?: ((value: string) => string | undefined) | undefined;
}

/** What would keep a channel from sending, found without a request: secrets that are not there, addresses that are not allowed. Never shows a value. */
export async function channelFindings(
  name: string,
  needed: readonly Needed[],
  allowPrivate: boolean | undefined,
  fixed: readonly string[] = [],
): Promise<readonly Finding[]> {
  const finding = (id: string, path: string, message: string, fix: string): Finding => ({
    id,
    level: 'warning',
    object: `notifier ${name}`,
    path,
    message,
    fix,
  });
  const address = (path: string, url: string): readonly Finding[] => {
    try {
      checkedUrl(url, allowPrivate === true);
      return [];
    } catch (error) {
      if (!(error instanceof Forbidden)) throw error;
      return [finding('notifier-address', path, `no notice would be sent: ${error.message}`, 'give it an https address of the internet')];
    }
  };
  const one = async ({ path, source, kind, wrong }: Needed): Promise<readonly Finding[]> => {
    const value = await secretLine(path, source).catch((error: unknown) => {
      // Of a function of the user's nothing is known, least of all whether its message holds the secret.
      const ours = (error as { readonly code?: unknown }).code === 'ERR_INVALID_OPTIONS';
      return [finding('notifier-secret', path, `no notice would be sent: ${ours ? (error as Error).message : 'its source failed'}`, 'provide the secret')];
    });
    if (typeof value !== 'string') return value;
    if (kind === 'address') return address(path, value);
    const says = wrong?.(value);
    return says === undefined ? [] : [finding('notifier-secret', path, `no notice would be sent: it is ${says}`, 'provide the right secret')];
  };
  return [...fixed.flatMap((url) => address(`${name}.api`, url)), ...(await Promise.all(needed.map(one))).flat()];
}
