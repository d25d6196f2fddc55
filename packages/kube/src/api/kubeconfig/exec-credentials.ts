import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Clock, invalidOptions, ShepherdError } from '@shepherd/core';
import type { Credential, CredentialSource } from './connection.js';
import { runPlugin } from './exec-plugin.js';
import { fromFolder, readPem } from './files.js';
import type { ClusterConfig, ExecConfig, Sourced } from './kubeconfig-file.js';
import { SharedRun } from './shared-run.js';

const refreshBeforeMs = 60_000;
const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

interface Kept {
  readonly credential: Credential;
  /** Undefined: good until the server refuses it. */
  readonly expiresAt: number | undefined;
}

/** One plugin with one set of arguments on one cluster: its credential, and its run under way. Shared by all clients of this process (KC KU-9). */
interface Slot {
  kept: Kept | undefined;
  run: SharedRun<Kept> | undefined;
}

const slots = new Map<string, Slot>();

/** Credentials of an exec plugin: run when needed, kept until a minute before they expire, dropped on 401; one run at a time. */
export async function execCredentials(path: string, exec: Sourced<ExecConfig>, cluster: Sourced<ClusterConfig>): Promise<CredentialSource> {
  const { value, file, folder } = exec;
  const { apiVersion, interactiveMode } = value;
  const wrong = (field: string, got: string, expected: string): Error => invalidOptions([{ path: `${path}.${field}`, got, expected }], `correct it in ${file}`);
  if (!value.command) throw wrong('command', 'nothing', 'the command of the credential plugin');
  if (apiVersion === undefined || !apiVersions.includes(apiVersion)) throw wrong('apiVersion', apiVersion ?? 'nothing', apiVersions.join(' or '));
  const interactive = interactiveMode === 'Always';
  if (interactive && !process.stdin.isTTY) throw wrong('interactiveMode', 'Always, without a terminal', 'Never or IfAvailable, or a run in a terminal');
  // As in a shell, a name is looked up and a path is a path; a relative one starts from its kubeconfig (KC KU-3).
  const command = /[/\\]/.test(value.command) ? fromFolder(folder, value.command) : value.command;
  const args = value.args ?? [];
  const env = Object.fromEntries((value.env ?? []).map(({ name, value: text }) => [name, text]));
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(value.provideClusterInfo === true ? { cluster: await clusterInfo(cluster) } : {}) },
  };
  const slot = slotOf(JSON.stringify([cluster.value.server, command, args, Object.entries(env), info]));

  const run = async (signal: AbortSignal, clock: Clock): Promise<Kept> => {
    await findCommand(command, { path: `${path}.command`, env: { ...process.env, ...env }, hint: value.installHint, file });
    const stdout = await runPlugin({ command, args, env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, interactive, signal, clock });
    return credentialOf(stdout, command, apiVersion);
  };

  return {
    async get({ signal, clock }) {
      const { kept } = slot;
      if (kept !== undefined && (kept.expiresAt === undefined || clock.now().getTime() < kept.expiresAt - refreshBeforeMs)) return kept.credential;
      slot.run ??= new SharedRun(async (ending) => {
        try {
          slot.kept = await run(ending, clock);
          return slot.kept;
        } finally {
          slot.run = undefined;
        }
      });
      return (await slot.run.join(signal)).credential;
    },
    drop(credential) {
      if (slot.kept?.credential === credential) slot.kept = undefined;
      return true;
    },
  };
}

function slotOf(key: string): Slot {
  const known = slots.get(key);
  if (known !== undefined) return known;
  const slot: Slot = { kept: undefined, run: undefined };
  slots.set(key, slot);
  return slot;
}

/** Looked up beforehand, because spawn reports a missing working folder, interpreter and command alike. */
async function findCommand(
  command: string,
  {
    path,
    env,
    hint,
    file,
  }: { readonly path: string; readonly env: Readonly<Record<string, string | undefined>>; readonly hint: string | undefined; readonly file: string },
): Promise<void> {
  const suffixes = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  const folders = isAbsolute(command) ? [''] : (env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    for (const suffix of suffixes) {
      const found = await access(`${folder === '' ? command : join(folder, command)}${suffix}`, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return;
    }
  }
  const got = `${command} (${isAbsolute(command) ? 'no such program' : 'not on the PATH'})`;
  throw invalidOptions([{ path, got, expected: 'an installed credential plugin' }], hint?.trim() || `install ${command}, or correct the command in ${file}`);
}

async function clusterInfo(cluster: Sourced<ClusterConfig>): Promise<object> {
  const { value } = cluster;
  const ca = await readPem(cluster, 'certificate-authority', value['certificate-authority-data'], value['certificate-authority']);
  const config = value.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
  const info = {
    server: value.server,
    'tls-server-name': value['tls-server-name'],
    'insecure-skip-tls-verify': value['insecure-skip-tls-verify'],
    'certificate-authority-data': ca === undefined ? undefined : Buffer.from(ca).toString('base64'),
    'proxy-url': value['proxy-url'],
    config,
  };
  return Object.fromEntries(Object.entries(info).filter(([, field]) => field !== undefined));
}

/** Never quotes the output: it is a credential. */
function credentialOf(stdout: string, command: string, apiVersion: string): Kept {
  const unusable = (reason: string): Error =>
    new ShepherdError('ERR_UNREACHABLE', `the credential plugin ${command} gave no credential: ${reason}`, {
      facts: { what: `credential plugin ${command}`, reason },
      remedy: `run ${command} by hand with the arguments of the kubeconfig: it must print an ExecCredential of ${apiVersion}`,
    });
  let answer: { kind?: unknown; apiVersion?: unknown; status?: Readonly<Record<string, unknown>> | null };
  try {
    answer = (JSON.parse(stdout) ?? {}) as typeof answer;
  } catch {
    throw unusable('its output is not JSON');
  }
  if (answer.kind !== 'ExecCredential') throw unusable('its output is no ExecCredential');
  if (answer.apiVersion !== apiVersion) throw unusable(`its output is of ${String(answer.apiVersion)}, and the kubeconfig asks for ${apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = answer.status ?? {};
  const certificate = typeof cert === 'string' && typeof key === 'string' ? { cert, key } : undefined;
  if (typeof token !== 'string' && certificate === undefined) throw unusable('it has neither a token nor a certificate with its key');
  const expiresAt = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    credential: {
      headers: typeof token === 'string' ? { authorization: `Bearer ${token.trim()}` } : {},
      ...(certificate === undefined ? {} : { clientCertificate: certificate }),
    },
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  };
}
