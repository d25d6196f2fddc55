import { join } from 'node:path';
import { main } from '@shepherd/cli';
import { expect, test } from 'vitest';

/** The command on a config of this folder. */
async function check(file: string) {
  let out = '';
  let err = '';
  const io = {
    stdout: { write: (text: string) => void (out += text) },
    stderr: { write: (text: string) => void (err += text) },
    stdin: process.stdin,
    env: {},
    cwd: import.meta.dirname,
    onSignal: () => () => undefined,
    atExit: () => () => undefined,
    exit: () => undefined,
  };
  const code = await main(['config', 'check', '--json', '--config', join(import.meta.dirname, file)], io);
  return { code, out, err };
}

test.each(['typescript/shepherd.config.ts', 'yaml/shepherd.config.yaml'])('%s of the guide is a good one', async (file) => {
  const { code, out, err } = await check(file);
  expect(code, err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ environments: { staging: { namespace: 'staging' }, production: { namespace: 'shop', requireEnv: 'staging' } } });
});
