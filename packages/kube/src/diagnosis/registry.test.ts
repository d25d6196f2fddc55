import { Shepherd } from '@shepherd/core';
import { diagnose, formatDiagnosis } from '@shepherd/core/diagnosis';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { person } from '../__fixtures__/person.js';
import { kubernetes, type RegistryAnswer, type RegistryAsk } from '../index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('reg.example.com/web:1.0.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'reg.example.com/web:1.0.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const url = 'https://reg.example.com/v2/web/manifests/9';
const answers =
  (answer: Partial<RegistryAnswer>): RegistryAsk =>
  async () => ({ host: 'reg.example.com', says: 'other', status: 0, url, ...answer });

async function look(about: 'registry' | 'partial', askRegistry?: RegistryAsk) {
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, namespace: 'shop', askRegistry }) });
  return await diagnose(shepherd, 'web', { about });
}

test.each([
  [{ says: 'there', status: 200 }, 'reg.example.com has it, for anybody (200)'],
  [{ says: 'not-found', status: 404 }, 'reg.example.com has no such image for anybody (404)'],
  [{ says: 'denied', status: 401 }, 'reg.example.com can be reached and wants a login (401)'],
  [{ says: 'rate-limit', status: 429, said: 'it says to wait 60 s' }, 'reg.example.com limits how often it may be asked (429, it says to wait 60 s)'],
  [{ says: 'unreachable', said: 'connect ECONNREFUSED' }, 'reg.example.com cannot be reached (connect ECONNREFUSED)'],
  [{ says: 'unasked', said: '10.0.0.7 is not an address of the internet' }, 'reg.example.com was not asked (10.0.0.7 is not an address of the internet)'],
] as const)('of an image that does not come the registry itself says: %j', async (answer, expected) => {
  await person(sandbox).setImage('web', 'reg.example.com/web:9');
  await sandbox.connection.clock.sleep(60_000);
  const report = await look('registry', answers(answer));
  expect(report.findings.find(({ title }) => title.startsWith('registries'))?.lines).toContain(`reg.example.com/web:9: ${expected}`);
  // What the node says stays the cause; the registry is evidence beside it.
  expect(report.causes[0]).toMatchObject({ code: 'image-not-found', confidence: 'certain' });
  expect(report.causes[0].evidence).toContainEqual({ summary: `asked from here without a login: ${expected}`, check: `curl -sI '${url}'` });
  expect(formatDiagnosis(report)).toContain(expected);
});

describe('a registry', () => {
  const counting = () => {
    const asked: string[] = [];
    const ask: RegistryAsk = async (image, options) => {
      asked.push(`${image} ${options.allowPrivate}`);
      return answers({})(image, options);
    };
    return { asked, ask };
  };

  test('is asked once for each image, and only where the registry is what seems to be wrong', async () => {
    const { asked, ask } = counting();
    await look('partial', ask);
    expect(asked).toEqual([]);
    await look('registry', ask);
    expect(asked).toEqual(['reg.example.com/web:1.0.0 false']);
  });

  test('is not asked from a cluster in memory, nor for a release that fails', async () => {
    const { findings, unread } = await look('registry');
    expect([findings.find(({ title }) => title.startsWith('registries'))?.lines, unread]).toEqual([['none was asked'], []]);
    const { asked, ask } = counting();
    await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, namespace: 'shop', askRegistry: ask }) });
    expect((await shepherd.deploy({ app: 'web', release: { image: 'reg.example.com/web:9' } }).outcome).kind).toBe('rolled-back');
    expect(asked).toEqual([]);
  });

  test('that does not answer is named, and keeps nothing else away', async () => {
    const { causes, unread } = await look(
      'registry',
      (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    );
    expect(causes[0].code).toBe('healthy');
    expect(unread).toEqual([{ what: 'registry of reg.example.com/web:1.0.0', reason: 'timeout' }]);
  });
});
