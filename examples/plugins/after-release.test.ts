import { Shepherd } from '@shepherd/core';
import { createMemoryPlatform } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { afterRelease } from './after-release.js';

test('an app that is well is watched for half an hour; one that is not is an incident, escalated after 15 minutes', async () => {
  const said: string[] = [];
  await using well = new Shepherd({ platform: createMemoryPlatform() });
  expect(await afterRelease(well, 'web', (text) => said.push(text))).toEqual([]);
  expect(said).toEqual(['well']);
  await using sick = new Shepherd({ platform: createMemoryPlatform({ versions: { '1.0.0': { reply: () => ({ status: 503 }) } } }) });
  expect(await afterRelease(sick, 'web', (text) => said.push(text))).toMatchObject([{ kind: 'outage', fired: [{ rule: 'E1' }, { rule: 'E6' }] }]);
  expect(said).toContain('outage: E1');
});
