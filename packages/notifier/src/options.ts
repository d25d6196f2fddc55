import { type Issue, invalidOptions, type Notifier, readSecret, type SecretSource } from '@shepherd/core';

/** What every channel takes. */
export interface ChannelOptions {
  /** One of a kind among the notifiers of a Shepherd: the outbox knows the channel by it, in every process. @default the kind of channel */
  readonly name?: string | undefined;
  /** Which notices it gets: what any of these routes lets through. @default all */
  readonly wants?: Notifier['wants'];
  /** Addresses of one's own network too, and http to loopback: for receivers in the cluster, and tests. @default false */
  readonly allowPrivate?: boolean | undefined;
}

const common = ['name', 'wants', 'allowPrivate'] as const;

/** What is wrong with a source of a secret; never shows what was given. */
export function sourceIssues(path: string, source: unknown): readonly Issue[] {
  const expected = "where it comes from: { env: 'NAME' }, { file: 'PATH' } or a function";
  if (typeof source === 'string') return [{ path, got: 'a literal', expected }];
  if (typeof source === 'function') return [];
  const { env, file, secretRef } = (source ?? {}) as Readonly<Record<string, unknown>>;
  const given = [env, file, secretRef].filter((each) => each !== undefined);
  if (given.length !== 1) return [{ path, got: source === undefined ? 'nothing' : 'no source', expected }];
  return typeof (env ?? file) === 'string' || typeof secretRef === 'object' ? [] : [{ path, got: 'no source', expected }];
}

/** @throws ShepherdError ERR_INVALID_OPTIONS with all that is wrong */
export function checkOptions(channel: string, options: ChannelOptions, own: readonly string[], issues: readonly Issue[]): void {
  const known: readonly string[] = [...common, ...own];
  const unknown = Object.keys(options ?? {})
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: `${channel}.${key}`, got: 'an unknown option', expected: `one of ${known.join(', ')}` }));
  const named = options?.name === undefined || (typeof options.name === 'string' && options.name !== '');
  const all = [...unknown, ...issues, ...(named ? [] : [{ path: `${channel}.name`, got: 'no name', expected: 'a text that is not empty' }])];
  if (all.length > 0) throw invalidOptions(all);
}

/** A secret that goes into a header or an address: one line of printable ASCII. @throws ShepherdError ERR_INVALID_OPTIONS, never with its value */
export async function secretLine(path: string, source: SecretSource): Promise<string> {
  const value = (await readSecret(source)).trim();
  if (!/^[\x21-\x7e]+$/.test(value))
    throw invalidOptions([{ path, got: value === '' ? 'an empty text' : 'spaces or control characters in it', expected: 'one word of ASCII' }]);
  return value;
}
