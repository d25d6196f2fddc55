import { stat, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type Issue, invalidOptions } from '@shepherd/core';
import { ask } from '../ask.js';
import { draftConfig, type Format, formats } from '../config/draft-config.js';
import { findConfigs } from '../config/load-config.js';
import { refuse } from '../flags/deploy-input.js';
import type { ConnectionFlags } from '../flags/flags.js';
import { signalCode, withInterrupt } from '../interrupt.js';
import { foundLines } from '../render/found-lines.js';
import type { World } from '../world.js';

export interface InitFlags extends ConnectionFlags {
  readonly format?: string | undefined;
  readonly force?: boolean | undefined;
  readonly yes?: boolean | undefined;
  /** Show it, write nothing. */
  readonly print?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Looks at the apps of a cluster and writes a config for them into the working directory. Reads the cluster, writes one file, and never one that is there. */
export async function init(flags: InitFlags, world: World): Promise<number> {
  const { io } = world;
  const issues: Issue[] = [];
  const format = readFormat(flags, issues);
  const namespaces = flags.namespace?.split(',').map((name) => name.trim()) ?? [];
  if (namespaces.some((name) => name === ''))
    issues.push({ path: '--namespace', got: JSON.stringify(flags.namespace), expected: 'a namespace, or several: staging,production' });
  const asks = flags.yes !== true && flags.print !== true;
  if (asks && !world.output.canAsk) issues.push({ path: '--yes', got: 'no terminal to ask at', expected: '--yes, or --print, which writes nothing' });
  refuse(issues);
  const file = join(io.cwd, `shepherd.config.${format}`);
  if (flags.print !== true) await refuseExisting(file, io.cwd, flags.force === true);
  return withInterrupt(io, async (interrupt) => {
    const { findApps, readContext } = await import('@shepherd/kube');
    const connection = { kubeconfig: flags.kubeconfig, context: flags.context, signal: interrupt.abortSignal };
    const apps = await Promise.all(
      (namespaces.length === 0 ? [undefined] : namespaces).map((namespace) => findApps({ ...connection, ...(namespace === undefined ? {} : { namespace }) })),
    );
    const text = await draftConfig({ format, namespaces, context: await readContext(connection), apps: apps.flat() });
    io.stderr.write(`${foundLines(apps.flat()).join('\n')}\n`);
    if (flags.print === true) {
      io.stdout.write(text);
      return 0;
    }
    if (asks) {
      io.stderr.write(`\n${text}\n`);
      const answer = await ask(`Write ${relative(io.cwd, file)}?`, world);
      if (answer === 'interrupted') return signalCode('SIGINT');
      if (answer === 'no') {
        io.stderr.write('nothing was written\n');
        return 5;
      }
    }
    // What came into being meanwhile stays.
    await writeFile(file, text, { flag: flags.force === true ? 'w' : 'wx' });
    io.stdout.write(
      flags.json === true ? `${JSON.stringify({ file, apps: apps.flat() })}\n` : `${basename(file)} is written; see what it comes to: shepherd config check\n`,
    );
    return 0;
  });
}

function readFormat({ format = 'yaml' }: InitFlags, issues: Issue[]): Format {
  const found = formats.find((each) => each === format);
  if (found === undefined) issues.push({ path: '--format', got: JSON.stringify(format), expected: `one of ${formats.join(', ')}` });
  return found ?? 'yaml';
}

/** Another config in the folder would make two, which every command refuses. @throws ShepherdError ERR_INVALID_OPTIONS */
async function refuseExisting(file: string, folder: string, force: boolean): Promise<void> {
  const found = await findConfigs(folder);
  const others = found.filter((each) => each !== file);
  if (others.length > 0)
    throw invalidOptions(
      [{ path: 'config', got: `${others.map((each) => basename(each)).join(' and ')} in ${folder}`, expected: 'none yet' }],
      'remove it, or change it by hand',
    );
  if (found.includes(file) && !force && (await stat(file)).isFile())
    throw invalidOptions([{ path: 'config', got: `${basename(file)} in ${folder}`, expected: 'none yet' }], 'change it by hand, or write over it with --force');
}
