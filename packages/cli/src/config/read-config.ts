import { readFile, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { invalidOptions } from '@shepherd/core';
import { type ConfigContext, defineConfig } from './settings.js';

/** The content of a file, and at which line a path of it stands where it is text. */
export interface ConfigFile {
  readonly file: string;
  readonly content: unknown;
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

const isCode = (file: string): boolean => /\.m?[jt]s$/.test(file);

/** @param data refuse code, for who does not run what others wrote. @throws ShepherdError ERR_INVALID_OPTIONS where it cannot be read */
export async function readConfig(file: string, context: ConfigContext, { data = false }: { readonly data?: boolean } = {}): Promise<ConfigFile> {
  if (isCode(file) && data) {
    throw invalidOptions(
      [{ path: 'config', got: `${file}, which is code`, expected: 'data: shepherd.config.json or .yaml, as --config-format data asks' }],
      'write it as JSON or YAML, or leave --config-format away',
    );
  }
  try {
    return isCode(file) ? await runCode(file, context) : await readText(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw invalidOptions(
      [{ path: 'config', got: `${file} (${reason})`, expected: 'a file that can be read' }],
      'correct the file, or name another with --config',
    );
  }
}

async function runCode(file: string, context: ConfigContext): Promise<ConfigFile> {
  const exported = await load(file);
  const content: unknown = typeof exported === 'function' ? await (exported as (context: ConfigContext) => unknown)(context) : exported;
  if (content === undefined) throw new Error('it has no default export');
  return { file, content, lineOf: () => undefined };
}

async function load(file: string): Promise<unknown> {
  if (/\.m?js$/.test(file)) return imported(pathToFileURL(file).href);
  if (runsTypeScript()) {
    try {
      // Read anew, as the compiler below does, where somebody has written it meanwhile.
      return await imported(`${pathToFileURL(file).href}?${(await stat(file)).mtimeMs}`);
    } catch (error) {
      if (!isBeyondNode(error)) throw error;
    }
  }
  return compiled(file);
}

const imported = async (url: string): Promise<unknown> => ((await import(url)) as { readonly default?: unknown }).default;

/** Node from 22.18 on takes types away by itself, in a fifth of the time that a compiler takes to be loaded. */
const runsTypeScript = (): boolean => ['strip', 'transform'].includes(String((process.features as { readonly typescript?: unknown }).typescript));

/** The config did not come to run: it has what Node cannot take away, or imports what Node does not find, as this package where it is not installed. */
const isBeyondNode = (error: unknown): boolean =>
  error instanceof SyntaxError ||
  [
    'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
    'ERR_MODULE_NOT_FOUND',
    'ERR_UNSUPPORTED_DIR_IMPORT',
    'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
    'ERR_UNKNOWN_FILE_EXTENSION',
  ].includes(String((error as NodeJS.ErrnoException).code));

async function compiled(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti').catch(() => {
    throw new Error('TypeScript needs the package jiti here; write it as shepherd.config.mjs');
  });
  // What the config imports of this package is what runs: it need not be installed where the config stands.
  const virtualModules = { '@shepherd/cli': { defineConfig } };
  return createJiti(import.meta.url, { moduleCache: false, fsCache: false, virtualModules }).import(file, { default: true });
}

async function readText(file: string): Promise<ConfigFile> {
  const [text, { LineCounter, parseDocument }] = await Promise.all([readFile(file, 'utf8'), import('yaml')]);
  // JSON is YAML, except for what is wrong with it.
  if (file.endsWith('.json')) JSON.parse(text);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [wrong] = document.errors;
  if (wrong !== undefined) throw wrong;
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    // Of a field that is missing, the place where it should be.
    for (let length = path.length; length > 0; length -= 1) {
      const at = path.slice(0, length);
      const parent: unknown = length === 1 ? document.contents : document.getIn(at.slice(0, -1), true);
      const items = (parent as { readonly items?: readonly unknown[] } | undefined)?.items ?? [];
      const key = at.at(-1);
      const item = items.find((each) => String((each as { readonly key?: { readonly value?: unknown } }).key?.value) === String(key)) ?? items[Number(key)];
      const node = (item as { readonly key?: unknown } | undefined)?.key ?? item;
      const range = (node as { readonly range?: readonly number[] | null } | undefined)?.range;
      if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
    }
    return undefined;
  };
  return { file, content: document.toJS() ?? {}, lineOf };
}
