import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { invalidOptions } from '@shepherd/core';
import type { Sourced } from './kubeconfig-file.js';

/** A path of a kubeconfig, from the folder of the file that names it (KC KU-3). */
export const fromFolder = (folder: string, path: string): string => (isAbsolute(path) ? path : resolve(folder, path));

/** PEM that a kubeconfig holds itself (base64) or names by a file; data wins, as in kubectl. */
export async function readPem(source: Sourced<object>, path: string, data: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (data !== undefined && data !== '') {
    const pem = Buffer.from(data, 'base64').toString('utf8');
    if (!pem.includes('-----BEGIN'))
      throw invalidOptions([{ path: `${path}-data`, got: 'something else', expected: 'PEM in base64' }], `correct it in ${source.file}`);
    return pem;
  }
  return file === undefined || file === '' ? undefined : readNamed(fromFolder(source.folder, file), path, source.file);
}

/** A file that a kubeconfig names. @throws ERR_INVALID_OPTIONS when it cannot be read */
export async function readNamed(file: string, path: string, kubeconfig: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const got = `${file} (${code === 'ENOENT' ? 'no such file' : (code ?? 'unreadable')})`;
    throw invalidOptions([{ path, got, expected: 'a file that can be read' }], `correct the path in ${kubeconfig}, or restore the file`);
  }
}
