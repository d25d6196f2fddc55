import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@shepherd/core/testing';
import { expect, it } from 'vitest';
import { tokenFileCredentials } from './token-file.js';

it('reads the token again after a minute and after a 401', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-token-'));
  try {
    const file = join(folder, 'token');
    const clock = new VirtualClock();
    const source = tokenFileCredentials(file, { path: 'tokenFile', kubeconfig: 'config' });
    const get = () => source.get({ signal: new AbortController().signal, clock });
    const rotate = (token: string) => writeFile(file, `${token}\n`);
    await rotate('one');
    const [one] = await Promise.all([get(), get()]);
    await rotate('two');
    await clock.advance('59s');
    expect(await get()).toBe(one);
    await clock.advance('1s');
    const two = await get();
    expect(two.headers).toEqual({ authorization: 'Bearer two' });
    await rotate('three');
    expect(source.drop(one)).toBe(true);
    expect(await get()).toBe(two);
    source.drop(two);
    expect((await get()).headers).toEqual({ authorization: 'Bearer three' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
