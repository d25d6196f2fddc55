import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { invalidOptions } from '@shepherd/core';
import type { KubeconfigText } from './kubeconfig-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** True for the text of a kubeconfig, false for a path. */
const isContent = (kubeconfig: string): boolean => /[\n{]|^\s*(apiVersion|kind|clusters):/.test(kubeconfig);

/**
 * The texts in kubectl's order: what the caller names, else the files of KUBECONFIG, else `~/.kube/config` (KC KU-1). Missing files of KUBECONFIG are skipped
 * as kubectl does; empty when there is none at all. @throws ERR_INVALID_OPTIONS for a named file that cannot be read
 */
export async function findKubeconfigs(kubeconfig: string | undefined, env: Environment): Promise<readonly KubeconfigText[]> {
  if (kubeconfig !== undefined) {
    if (isContent(kubeconfig)) return [{ text: kubeconfig, file: 'kubeconfig', folder: process.cwd() }];
    const text = await readFileOf(resolve(kubeconfig), 'kubeconfig');
    if (text === undefined) throw missing('kubeconfig', kubeconfig);
    return [text];
  }
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) {
    const texts = await Promise.all(listed.map((path) => readFileOf(resolve(path), 'KUBECONFIG')));
    const found = texts.filter((text) => text !== undefined);
    // Not further to ~/.kube/config: whoever sets KUBECONFIG means that cluster and no other.
    if (found.length === 0) throw missing('KUBECONFIG', listed.join(delimiter));
    return found;
  }
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  const text = await readFileOf(join(home, '.kube', 'config'), '~/.kube/config');
  return text === undefined ? [] : [text];
}

async function readFileOf(file: string, path: string): Promise<KubeconfigText | undefined> {
  try {
    return { text: await readFile(file, 'utf8'), file, folder: dirname(file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const got =
      code === 'EISDIR' || (await stat(file).catch(() => undefined))?.isDirectory() === true ? `the folder ${file}` : `${file} (${code ?? 'unreadable'})`;
    throw invalidOptions([{ path, got, expected: 'a file that can be read' }], `make ${file} readable, or name another kubeconfig`);
  }
}

const missing = (path: string, got: string): Error =>
  invalidOptions(
    [{ path, got: `${got} (no such file)`, expected: 'an existing kubeconfig file, or its content' }],
    'correct the path, or leave it out to use KUBECONFIG or ~/.kube/config',
  );
