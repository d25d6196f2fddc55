import { invalidOptions } from '@shepherd/core';

/** An `exec` credential plugin, as a kubeconfig writes it. */
export interface ExecConfig {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

export interface ClusterConfig {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
  readonly extensions?: readonly { readonly name: string; readonly extension: unknown }[] | null;
}

export interface UserConfig {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[] | null;
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>> | null;
  readonly exec?: ExecConfig | null;
  readonly 'auth-provider'?: { readonly name?: string; readonly config?: Readonly<Record<string, string>> } | null;
}

export interface ContextConfig {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** A value with the file that names it, for relative paths and messages. */
export interface Sourced<T> {
  readonly value: T;
  /** Path of the file; `kubeconfig` for content that came as text. */
  readonly file: string;
  /** Folder that relative paths start from. */
  readonly folder: string;
}

/** One or more kubeconfig files as one. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, Sourced<ContextConfig>>;
  readonly clusters: ReadonlyMap<string, Sourced<ClusterConfig>>;
  readonly users: ReadonlyMap<string, Sourced<UserConfig>>;
}

/** The text of one file. */
export interface KubeconfigText {
  readonly text: string;
  readonly file: string;
  readonly folder: string;
}

/** Asked for once: a loader that hooks imports answers late even where the module is there already. */
let yaml: Promise<typeof import('yaml')> | undefined;

/** Merged like kubectl: the first file that names something wins, `current-context` included (KC KU-2). @throws ERR_INVALID_OPTIONS for what is no kubeconfig */
export async function parseKubeconfigs(texts: readonly KubeconfigText[]): Promise<Kubeconfig> {
  yaml ??= import('yaml');
  const { parseDocument } = await yaml;
  const merged = { contexts: new Map(), clusters: new Map(), users: new Map() };
  let currentContext: string | undefined;
  for (const { text, file, folder } of texts) {
    const document = parseDocument(text, { uniqueKeys: false });
    const [broken] = document.errors;
    // Only the place: a YAML error quotes the line, which may hold a token.
    if (broken !== undefined) throw notKubeconfig(file, `broken YAML in line ${broken.linePos?.[0].line ?? 1}`);
    const content: unknown = document.toJS() ?? {};
    if (!isRecord(content)) throw notKubeconfig(file, 'no mapping');
    const current = content['current-context'];
    if (typeof current === 'string' && current !== '') currentContext ??= current;
    const sections = [
      ['contexts', 'context'],
      ['clusters', 'cluster'],
      ['users', 'user'],
    ] as const;
    for (const [section, key] of sections) {
      for (const [name, value] of entriesOf(content[section], section, key, file))
        if (!merged[section].has(name)) merged[section].set(name, { value, file, folder });
    }
  }
  return { currentContext, ...merged };
}

function entriesOf(list: unknown, section: string, key: string, file: string): readonly (readonly [string, object])[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw notKubeconfig(file, `${section} that is no list`);
  return list.map((entry: unknown, i) => {
    if (!isRecord(entry) || typeof entry['name'] !== 'string') throw notKubeconfig(file, `${section}[${i}] without a name`);
    const value = entry[key] ?? {};
    if (!isRecord(value)) throw notKubeconfig(file, `${section}[${i}].${key} that is no mapping`);
    return [entry['name'], value];
  });
}

const notKubeconfig = (file: string, got: string): Error =>
  invalidOptions([{ path: file, got, expected: 'a kubeconfig (YAML with clusters, contexts and users)' }], `correct ${file}, or name another kubeconfig`);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
