import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { invalidOptions } from '@shepherd/core';
import type { ConnectionFlags } from '../flags/flags.js';
import { nearest } from '../nearest.js';
import type { Config, Settings } from './settings.js';

const names = ['mjs', 'js', 'json', 'yaml', 'yml'].map((extension) => `shepherd.config.${extension}`);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The config of a folder, found upward to the repository's root. @throws ShepherdError ERR_INVALID_OPTIONS where one folder has two */
export async function findConfig(from: string): Promise<string | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found: string[] = [];
    for (const name of names) if (await exists(join(folder, name))) found.push(join(folder, name));
    if (found.length > 1) {
      throw invalidOptions(
        [{ path: 'config', got: found.map((path) => basename(path)).join(' and '), expected: `one config in ${folder}` }],
        'keep one of them',
      );
    }
    if (found[0] !== undefined) return found[0];
    if (dirname(folder) === folder || (await exists(join(folder, '.git')))) return undefined;
  }
}

async function read(file: string): Promise<unknown> {
  try {
    if (/\.m?js$/.test(file)) return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
    const text = await readFile(file, 'utf8');
    return file.endsWith('.json') ? JSON.parse(text) : (await import('yaml')).parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw invalidOptions(
      [{ path: 'config', got: `${file} (${reason})`, expected: 'a file that can be read' }],
      'correct the file, or name another with --config',
    );
  }
}

/**
 * What the config says for the environment that is asked for, by name or by its namespace; nothing where there is no config.
 * @throws ShepherdError ERR_INVALID_OPTIONS
 */
export async function loadSettings({ config, environment: asked, namespace }: ConnectionFlags, cwd: string): Promise<Settings> {
  const file = config === undefined ? await findConfig(cwd) : resolve(cwd, config);
  if (file === undefined) {
    if (asked === undefined) return {};
    throw invalidOptions([{ path: '--environment', got: asked, expected: 'a shepherd.config that has it; there is none from here upward' }]);
  }
  const [content, { parseConfig }] = await Promise.all([read(file), import('./config-schema.js')]);
  const { environments = {}, ...base }: Config = parseConfig(content, file);
  const environment = asked ?? environmentOf(environments, namespace ?? base.namespace);
  const chosen = environment === undefined ? {} : environments[environment];
  if (chosen === undefined) {
    const known = Object.keys(environments);
    const near = nearest(environment ?? '', known);
    throw invalidOptions([
      { path: '--environment', got: environment ?? '', expected: near ?? (known.length === 0 ? `environments in ${file}` : `one of ${known.join(', ')}`) },
    ]);
  }
  const settings = { ...base, ...chosen };
  return withPaths(settings, dirname(file));
}

/** The one environment of this namespace. */
function environmentOf(environments: NonNullable<Config['environments']>, namespace: string | undefined): string | undefined {
  const found = Object.entries(environments).filter(([, each]) => namespace !== undefined && each.namespace === namespace);
  return found.length === 1 ? found[0]?.[0] : undefined;
}

/** What is a path counts from the config's folder; a chart is one where it begins like one, and else the name of one in a registry. */
function withPaths(settings: Settings, folder: string): Settings {
  const from = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const { kubeconfig, chart, values } = settings;
  return {
    ...settings,
    ...(kubeconfig === undefined ? {} : { kubeconfig: from(kubeconfig) }),
    ...(chart === undefined ? {} : { chart: /^\.{1,2}\//.test(chart) ? from(chart) : chart }),
    ...(values === undefined ? {} : { values: values.map((each) => (typeof each === 'string' ? from(each) : each)) }),
  };
}
