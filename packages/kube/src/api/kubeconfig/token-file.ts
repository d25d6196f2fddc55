import type { Clock } from '@shepherd/core';
import type { Credential, CredentialSource } from './connection.js';
import { readNamed } from './files.js';

/** Tokens in files rotate: the kubelet writes a new one at 80 % of the old one's life. */
const rereadMs = 60_000;

/** Bearer token from a file, read again every 60 s and after a 401 (KC KU-5, KU-6). `path` and `kubeconfig` name it in errors. */
export function tokenFileCredentials(file: string, { path, kubeconfig }: { readonly path: string; readonly kubeconfig: string }): CredentialSource {
  let cached: { readonly credential: Credential; readonly readAtMs: number } | undefined;
  let reading: Promise<Credential> | undefined;

  const read = async (clock: Clock): Promise<Credential> => {
    const token = (await readNamed(file, path, kubeconfig)).trim();
    const credential = { headers: { authorization: `Bearer ${token}` } };
    cached = { credential, readAtMs: clock.monotonicMs() };
    return credential;
  };

  return {
    async get({ clock }) {
      if (cached !== undefined && clock.monotonicMs() - cached.readAtMs < rereadMs) return cached.credential;
      reading ??= read(clock).finally(() => {
        reading = undefined;
      });
      return reading;
    },
    drop(credential) {
      // One 401 of many parallel calls is enough to read again.
      if (cached?.credential === credential) cached = undefined;
      return true;
    },
  };
}
