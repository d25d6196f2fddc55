import { systemClock } from '@shepherd/core';
import { expect, it } from 'vitest';
import { authProviderCredentials } from './auth-provider.js';

const of = (config: Record<string, string>) =>
  authProviderCredentials('me', { value: { 'auth-provider': { name: 'gcp', config } }, file: 'config', folder: '/' });
const context = { signal: new AbortController().signal, clock: systemClock };

it('takes the token that a legacy provider has, through client-node', async () => {
  const source = of({ 'access-token': 'old-style', expiry: '2999-01-01T00:00:00Z' });
  expect(await source.get(context)).toEqual({ headers: { authorization: 'Bearer old-style' } });
});

it('says which provider failed', async () => {
  const source = of({ expiry: '2000-01-01T00:00:00Z' });
  await expect(source.get(context)).rejects.toMatchObject({ code: 'ERR_UNREACHABLE', facts: { what: 'auth provider gcp' } });
});
