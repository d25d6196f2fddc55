import { ShepherdError } from '../errors/shepherd-error.js';

/** Where a secret comes from; never a literal, which would end up in a journal or a pull request. A function serves vaults and tokens that rotate. */
export type SecretSource =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly secretRef: { readonly name: string; readonly key: string } }
  | (() => string | Promise<string>);

const missing = (what: string, reason: string): ShepherdError =>
  new ShepherdError('ERR_INVALID_OPTIONS', `${what}: ${reason}`, {
    facts: { issues: [{ path: what, got: 'nothing', expected: 'a secret' }] },
    remedy: `provide ${what}`,
  });

/** The secret, without white space around it. @throws ShepherdError ERR_INVALID_OPTIONS where there is none; its value is in no message */
export async function readSecret(source: SecretSource): Promise<string> {
  if (typeof source === 'function') return source();
  if ('env' in source) {
    const value = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[source.env];
    if (!value) throw missing(`environment variable ${source.env}`, 'is not set');
    return value.trim();
  }
  if ('file' in source) {
    const { readFile } = await import('node:fs/promises');
    const value = await readFile(source.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw missing(`file ${source.file}`, error.code ?? 'cannot be read');
    });
    return value.trim();
  }
  throw missing(`secret ${source.secretRef.name}/${source.secretRef.key}`, 'can only be read by a platform; pass a function that does');
}
