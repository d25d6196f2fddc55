import { expect, test } from 'vitest';
import { http } from '../checks/index.js';
import type { Use } from '../extend/definition.js';
import { Shepherd } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';

const planned = async (checks: readonly Use<'check'>[] | undefined, asked?: readonly Use<'check'>[]): Promise<readonly string[]> => {
  const shepherd = new Shepherd({ platform: { ...createMemoryPlatform(), checks: () => checks } });
  const { steps } = await shepherd.plan({ app: 'web', release: { version: '1.1.0' }, ...(asked === undefined ? {} : { checks: asked }) });
  return steps.flatMap(({ step }) => (step.kind === 'verify' ? step.checks.map(({ use }) => use) : []));
};

test('an app is asked what its platform says; a request that names checks wins', async () => {
  expect(await planned([http({ path: '/own' })])).toEqual(['shepherd/http']);
  expect(await planned([http({ path: '/own' })], [])).toEqual([]);
  expect(await planned(undefined)).toContain('shepherd/health');
});

test('a check of the platform that nobody registered is refused before anything is written', async () => {
  await expect(planned([{ extension: 'check', use: 'acme/unknown', input: {} }])).rejects.toMatchObject({ code: 'ERR_NOT_REGISTERED' });
});
