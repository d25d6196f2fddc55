import { basename } from 'node:path';
import { type Issue, invalidOptions } from '@shepherd/core';
import { type ConfigIssue, literalSecrets, schemaIssues, wholeIssues } from './config-issues.js';
import { configSchema, settingsSchema } from './config-schema.js';
import type { ConfigFile } from './read-config.js';
import type { Config, Settings } from './settings.js';

/** The content of a config file, checked strictly. @throws ShepherdError ERR_INVALID_OPTIONS with every issue, its line where there is one */
export function parseConfig({ content, file, lineOf }: ConfigFile): Config {
  const result = configSchema.safeParse(content);
  const found = result.success ? wholeIssues(result.data as Config) : schemaIssues(configSchema, result.error.issues, content);
  const secrets = literalSecrets(content).filter(({ path }) => !found.some((each) => each.path === path));
  const issues = [...found, ...secrets];
  if (issues.length === 0 && result.success) return result.data as Config;
  throw invalidOptions(
    issues.map((each) => placed(each, file, lineOf(each.place))),
    `correct ${file}`,
  );
}

const placed = ({ path, got, expected }: ConfigIssue, file: string, line: number | undefined): Issue => ({
  path,
  got,
  expected,
  ...(line === undefined ? {} : { at: `${basename(file)}:${line}` }),
});

/** Settings that stand in variables, each a text. @throws ShepherdError ERR_INVALID_OPTIONS, which names the variables */
export function parseVariables(variables: Readonly<Record<string, { readonly key: keyof Settings; readonly value: string }>>): Settings {
  const content = Object.fromEntries(Object.values(variables).map(({ key, value }) => [key, value]));
  const result = settingsSchema.safeParse(content);
  if (result.success) return result.data as Settings;
  const variableOf = (key: unknown): string => Object.keys(variables).find((name) => variables[name]?.key === key) ?? String(key);
  throw invalidOptions(
    schemaIssues(settingsSchema, result.error.issues, content).map(({ place, got, expected }) => ({ path: variableOf(place[0]), got, expected })),
    'correct or unset the variable',
  );
}
