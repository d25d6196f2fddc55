import { type Issue, secretIssues } from '@shepherd/core';
import { windowsIssues } from '@shepherd/core/gates';
import type { z } from 'zod';
import { nearest } from '../nearest.js';
import type { Config, Settings } from './settings.js';

type Path = readonly PropertyKey[];

/** What is wrong with a config, and the place of it. */
export interface ConfigIssue extends Issue {
  readonly place: Path;
}

const issue = (at: Path, got: string, expected: string): ConfigIssue => ({ place: at, path: ['config', ...at].map(String).join('.'), got, expected });

/** What the schema objects to, in words. */
export const schemaIssues = (schema: z.core.$ZodType, issues: readonly z.core.$ZodIssue[], content: unknown): readonly ConfigIssue[] =>
  issues.flatMap((each) => said(schema, each, [], content));

function said(schema: z.core.$ZodType, found: z.core.$ZodIssue, above: Path, content: unknown): readonly ConfigIssue[] {
  const at = [...above, ...found.path];
  if (found.code === 'unrecognized_keys') {
    return found.keys.map((key) => {
      // Another form may have it.
      const known = [...new Set(keysAt(schema, at))].filter((each) => each !== key);
      return issue([...at, key], 'an unknown field', nearest(key, known) ?? `one of ${known.join(', ')}`);
    });
  }
  if (found.code === 'invalid_union') {
    // The form that was meant is the one whose fields are wrong, not the whole of it.
    if (typeof valueAt(content, at) === 'string' && isSecretName(String(at.at(-1) ?? ''))) return [issue(at, 'a literal', where)];
    const meant = found.errors.find((errors) => !errors.some(({ path, code }) => path.length === 0 && code.startsWith('invalid_')));
    if (meant !== undefined && meant.length > 0) return meant.flatMap((each) => said(schema, each, at, content));
    if (found.message !== 'Invalid input') return [issue(at, shown(valueAt(content, at), at), found.message)];
    const forms = found.errors.flatMap((errors) => errors.filter(({ path }) => path.length === 0).map(({ message }) => expectedOf(message)));
    if (forms.length > 0) return [issue(at, shown(valueAt(content, at), at), [...new Set(forms)].join(', or '))];
  }
  const value = valueAt(content, at);
  const isSecret = typeof value === 'string' && isSecretName(String(at.at(-1) ?? ''));
  return [issue(at, shown(value, at), isSecret ? where : expectedOf(found.message))];
}

const expectedOf = (message: string): string => message.replace(/^Invalid (input|option): expected /, '').replace(/, received .*$/, '');

/** The fields that are known at a place, whatever form stands there. */
function keysAt(schema: z.core.$ZodType, [first, ...rest]: Path): readonly string[] {
  const def = schema._zod.def as z.core.$ZodTypeDef & {
    readonly innerType?: z.core.$ZodType;
    readonly options?: readonly z.core.$ZodType[];
    readonly element?: z.core.$ZodType;
    readonly valueType?: z.core.$ZodType;
    readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  };
  const path = first === undefined ? [] : [first, ...rest];
  if (def.innerType !== undefined) return keysAt(def.innerType, path);
  if (def.options !== undefined) return def.options.flatMap((each) => keysAt(each, path));
  if (def.shape !== undefined) {
    if (first === undefined) return Object.keys(def.shape).filter((key) => key !== '$schema');
    const inner = def.shape[String(first)];
    return inner === undefined ? [] : keysAt(inner, rest);
  }
  const inner = def.element ?? def.valueType;
  return inner === undefined || first === undefined ? [] : keysAt(inner, rest);
}

const valueAt = (content: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined), content);

/** A value on one line; never one that may be a secret. */
function shown(value: unknown, at: Path): string {
  // What stands where a secret's place belongs may be the secret.
  if (at.includes('notify') && at.at(-1) !== 'kind') return typeof value === 'string' ? 'a text' : typeof value;
  if (typeof value === 'string' && (at.some((key) => isSecretName(String(key))) || secretIssues('', value).length > 0)) return 'a literal';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

const secretWords =
  /(^|[-_.])(authorization|cookie|bearer|pass(word|wd|phrase)?|token|credentials?|((api|access|private|secret|signing|encryption|auth)[-_]?key)|client[-_]?secret)$/;

/** A field that holds a secret, by its name: `password`, `apiToken`, `X-Api-Key`. */
export const isSecretName = (key: string): boolean => secretWords.test(key.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase());

const where = 'where the secret stands, such as { env: NAME }, { file: PATH } or { secretRef: { name, key } }; of a chart: the name of a Secret';

/** Credentials in the text of a config: anybody who may read the repository would have them. Never shows one. */
export function literalSecrets(value: unknown, at: Path = []): readonly ConfigIssue[] {
  const key = String(at.at(-1) ?? '');
  if (typeof value === 'string') {
    if (value !== '' && isSecretName(key)) return [issue(at, 'a literal', where)];
    return secretIssues('', value).map(({ got }) => issue(at, got, where));
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => literalSecrets(each, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => literalSecrets(each, [...at, name]));
}

/** What no field shows by itself. */
export function wholeIssues({ environments = {}, ...base }: Config): readonly ConfigIssue[] {
  const names = Object.keys(environments);
  const blocks: readonly (readonly [Path, Settings])[] = [
    [[], base],
    ...Object.entries(environments).map(([name, each]) => [['environments', name], each] as const),
  ];
  return [...sameNamespace(base, environments), ...blocks.flatMap(([at, block]) => [...badWindows(at, block, names), ...badRequirement(at, block, names)])];
}

/** Staging and production in one place would be one app: who releases to the one changes the other. */
function sameNamespace(base: Settings, environments: Readonly<Record<string, Settings>>): readonly ConfigIssue[] {
  const places = new Map<string, string>();
  return Object.entries(environments).flatMap(([name, block]) => {
    const { kubeconfig, context, namespace } = { ...base, ...block };
    const place = JSON.stringify([kubeconfig, context, namespace]);
    const other = places.get(place);
    if (other === undefined) places.set(place, name);
    if (other === undefined) return [];
    return [
      issue(
        ['environments', name, ...(block.namespace === undefined ? [] : ['namespace'])],
        `the same context and namespace as ${other}`,
        'a namespace (or a context) of its own',
      ),
    ];
  });
}

function badWindows(at: Path, { windows }: Settings, names: readonly string[]): readonly ConfigIssue[] {
  if (windows === undefined) return [];
  const unknown = windows.flatMap(({ environments = [] }, i) =>
    environments.flatMap((name, j) =>
      names.includes(name)
        ? []
        : [
            issue(
              [...at, 'windows', i, 'environments', j],
              JSON.stringify(name),
              nearest(name, names) ?? `one of ${names.join(', ') || 'the environments (there are none)'}`,
            ),
          ],
    ),
  );
  const wrong = windowsIssues('windows', windows).map(({ path, got, expected }) => issue([...at, ...path.split('.')], got, expected));
  return [...unknown, ...wrong];
}

function badRequirement(at: Path, { requireEnv }: Settings, names: readonly string[]): readonly ConfigIssue[] {
  if (requireEnv === undefined) return [];
  if (!names.includes(requireEnv))
    return [
      issue(
        [...at, 'requireEnv'],
        JSON.stringify(requireEnv),
        nearest(requireEnv, names) ?? `one of ${names.join(', ') || 'the environments (there are none)'}`,
      ),
    ];
  if (at[1] === requireEnv) return [issue([...at, 'requireEnv'], 'the environment itself', 'another one')];
  return [];
}
