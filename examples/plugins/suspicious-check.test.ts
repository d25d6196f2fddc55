import { Shepherd } from '@shepherd/core';
import { listIncidents } from '@shepherd/core/incidents';
import { createMemoryPlatform, type MemoryPlatform } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { ledger, request } from './suspicious-check.js';

const ledgerOf = (entries: number) => ({ reply: () => ({ status: 200, text: JSON.stringify({ entries, expected: 43 }) }) });
const world = (): MemoryPlatform => createMemoryPlatform({ versions: { '1.1.0': ledgerOf(41), '1.2.0': ledgerOf(43) } });
const asked = (version: string) => ({ ...request(''), app: 'web', release: { version } });

test('a ledger that does not add up is data corruption, and a person decides; one that does is released', async () => {
  await using shepherd = new Shepherd<{ version: string }>({ platform: world(), extensions: [ledger] });
  const outcome = await shepherd.deploy(asked('1.1.0'), { whenPaused: 'leave' }).outcome;
  expect(outcome).toMatchObject({ kind: 'paused', reason: expect.stringContaining('41 entries, 43 expected') });
  expect(await listIncidents(shepherd, 'web')).toMatchObject([{ kind: 'data-corruption', fired: [{ rule: 'E3' }] }]);
  await using other = new Shepherd<{ version: string }>({ platform: world(), extensions: [ledger] });
  expect((await other.deploy(asked('1.2.0')).outcome).kind).toBe('succeeded');
});
