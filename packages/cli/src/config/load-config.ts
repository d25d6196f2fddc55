import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { invalidOptions } from '@shepherd/core';
import type { ConnectionFlags } from '../flags/flags.js';
import { nearest } from '../nearest.js';
import type { Config, LoadedSettings, Place, Settings } from './settings.js';

const names = ['ts', 'mts', 'mjs', 'js', 'json', 'yaml', 'yml'].map((extension) => `shepherd.config.${extension}`);

/** Where a command was called. */
export interface Surroundings {
  readonly cwd: string;
  /** @default nothing is set */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** All configs of one folder: more than one is too many. */
export async function findConfigs(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) if (await exists(join(folder, name))) found.push(join(folder, name));
  return found;
}

/** The config of a folder, found upward to the repository's root. @throws ShepherdError ERR_INVALID_OPTIONS where one folder has two */
export async function findConfig(from: string): Promise<string | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = await findConfigs(folder);
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

/** A config as a command finds it. */
export interface Loaded {
  readonly file: string;
  readonly config: Config;
}

/** The config that flags or variables name, or that stands from here upward. @throws ShepherdError ERR_INVALID_OPTIONS */
export async function loadConfig(flags: ConnectionFlags, where: string | Surroundings): Promise<Loaded | undefined> {
  const { cwd, env = {} } = typeof where === 'string' ? { cwd: where } : where;
  const named = flags.config ?? (env['SHEPHERD_CONFIG'] || undefined);
  const { configFormat = 'any' } = flags;
  if (configFormat !== 'any' && configFormat !== 'data')
    throw invalidOptions([{ path: '--config-format', got: JSON.stringify(configFormat), expected: 'data, which refuses code, or any' }]);
  const file = named === undefined ? await findConfig(cwd) : resolve(cwd, named);
  if (file === undefined) return undefined;
  const [{ readConfig }, { parseConfig }] = await Promise.all([import('./read-config.js'), import('./parse-config.js')]);
  const context = { env: askedIn(flags, env), ci: !['', '0', 'false', undefined].includes(env['CI']) };
  return { file, config: parseConfig(await readConfig(file, context, { data: configFormat === 'data' })) };
}

/**
 * Flags win, then variables, then the environment's block, then the file. The environment is asked for by name or by its namespace.
 * @throws ShepherdError ERR_INVALID_OPTIONS
 */
export async function loadSettings(flags: ConnectionFlags, where: string | Surroundings): Promise<LoadedSettings> {
  const { cwd, env = {} } = typeof where === 'string' ? { cwd: where } : where;
  const asked = askedIn(flags, env);
  const [loaded, variables] = await Promise.all([loadConfig(flags, where), variablesIn(env, cwd)]);
  if (loaded === undefined) {
    if (asked === undefined) return variables;
    throw invalidOptions([{ path: '--environment', got: asked, expected: 'a shepherd.config that has it; there is none from here upward' }]);
  }
  const { environments = {}, namespace } = loaded.config;
  const environment = asked ?? environmentOf(environments, flags.namespace ?? variables.namespace ?? namespace);
  const settings = { ...settingsOf(loaded, environment), ...variables };
  const { requireEnv } = settings;
  const places = Object.keys(environments).map((name) => placeOf(name, settingsOf(loaded, name)));
  return {
    ...settings,
    ...(places.length === 0 ? {} : { places }),
    ...(environment === undefined ? {} : { environment }),
    ...(requireEnv === undefined ? {} : { required: settingsOf(loaded, requireEnv) }),
  };
}

const placeOf = (name: string, { namespace, production }: Settings): Place => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  ...(production === undefined ? {} : { production }),
});

const askedIn = ({ environment }: ConnectionFlags, env: Readonly<Record<string, string | undefined>>): string | undefined =>
  environment ?? (env['SHEPHERD_ENVIRONMENT'] || undefined);

async function variablesIn(env: Readonly<Record<string, string | undefined>>, cwd: string): Promise<Settings> {
  if (!Object.keys(env).some((name) => name.startsWith('SHEPHERD_'))) return {};
  const { settingsIn } = await import('./variables.js');
  const found = settingsIn(env);
  if (Object.keys(found).length === 0) return {};
  return withPaths((await import('./parse-config.js')).parseVariables(found), cwd);
}

/** What a config says for one environment. @throws ShepherdError ERR_INVALID_OPTIONS where there is none of this name */
export function settingsOf({ file, config }: Loaded, environment: string | undefined): Settings {
  const { environments = {}, $schema: _, schemaVersion: __, ...base } = config;
  const chosen = environment === undefined ? {} : environments[environment];
  if (chosen === undefined) {
    const known = Object.keys(environments);
    const near = nearest(environment ?? '', known);
    throw invalidOptions([
      { path: '--environment', got: environment ?? '', expected: near ?? (known.length === 0 ? `environments in ${file}` : `one of ${known.join(', ')}`) },
    ]);
  }
  return withPaths({ ...base, ...chosen }, dirname(file));
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
