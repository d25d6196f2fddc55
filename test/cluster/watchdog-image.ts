import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../packages/cli', import.meta.url));

/** `SHEPHERD_TEST_LOAD_IMAGE`: a command that makes an image of a name and files (under /app, run by node) and brings it into the cluster. */
const load = process.env['SHEPHERD_TEST_LOAD_IMAGE'] ?? '';

/** Why there can be no image of our own in the cluster; undefined: there can. */
export const whyNoImage = load === '' ? 'SHEPHERD_TEST_LOAD_IMAGE does not say how to bring an image into the cluster' : undefined;

export interface WatchdogImage {
  readonly image: string;
  /** The command as one file, on this machine. */
  readonly file: string;
}

/** Builds the command as one file and loads it as an image that is named after its content. */
export async function watchdogImage(): Promise<WatchdogImage> {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-watchdog-'));
  await run('npx', ['--no-install', 'tsup', '--config', 'tsup.bundle.config.ts', '--out-dir', folder], { cwd: cli });
  const file = join(folder, 'shepherd.mjs');
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const image = `shepherd.test/watchdog:${hash.slice(0, 12)}`;
  const [command = '', ...args] = load.split(' ');
  await run(command, [...args, image, file]);
  return { image, file };
}
