import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShepherdError } from '@shepherd/core';
import { parseDocument } from 'yaml';

const bad = (path: string, got: string, expected: string): ShepherdError =>
  new ShepherdError('ERR_CHART_VALUES', `${path}: got ${got}, expected ${expected}`, {
    facts: { issues: [{ path, got, expected }] },
    remedy: 'correct the file or its name',
  });

/** The content of a values file, checked: a list or a broken document is no values. @throws ShepherdError ERR_CHART_VALUES */
async function contentOf(file: string, path: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw bad(path, error.code === 'ENOENT' ? `${file}, which does not exist` : `${file} (${error.code ?? error.message})`, 'a file of values');
  });
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw bad(path, `${file}: ${error.message.split('\n')[0] ?? ''}`, 'YAML');
  const value: unknown = document.toJS();
  if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
    throw bad(path, `${file}: ${Array.isArray(value) ? 'a list' : typeof value}`, 'names and values');
  return text;
}

/**
 * The values as files that only this user may read (mode 600), for as long as the work takes: in arguments they would show in the list of processes.
 * @throws ShepherdError ERR_CHART_VALUES
 */
export async function withValueFiles<T>(values: readonly (string | object)[], work: (flags: readonly string[]) => Promise<T>): Promise<T> {
  const texts = await Promise.all(values.map((each, index) => (typeof each === 'string' ? contentOf(each, `release.values.${index}`) : JSON.stringify(each))));
  if (texts.length === 0) return work([]);
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-values-'));
  try {
    const files = texts.map((_, index) => join(folder, `${index}.yaml`));
    await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '', { mode: 0o600 })));
    return await work(files.map((file) => `--values=${file}`));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
