// Somebody deletes the candidate in the moment in which stable gives up pods for it.
import { Canary, formatOutcome, Shepherd, type Transport } from '@shepherd/core';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { at, person } from '../__fixtures__/person.js';
import { kubernetes } from '../index.js';

const replicas = 4;

/** The request that shrinks stable, and the question that comes before it. */
const moments: readonly (readonly [string, (method: string, url: URL, body: string) => boolean])[] = [
  ['before it is asked for', (method, { pathname, search }) => method === 'PATCH' && pathname.endsWith('/web-candidate') && search.includes('dryRun')],
  [
    'between the question and the write',
    (method, { pathname, search }, body) => {
      if (method !== 'PATCH' || !pathname.endsWith('/web') || search.includes('dryRun')) return false;
      const { spec } = JSON.parse(body) as { readonly spec?: { readonly replicas?: number } };
      return spec?.replicas !== undefined && spec.replicas < replicas;
    },
  ],
];

test.each(moments)('stable is not left below R without a candidate: deleted %s', async (_when, isMoment) => {
  await using sandbox = await createSandbox();
  for (const version of ['1', '2']) sandbox.image(`web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas });
  const { clock } = sandbox.connection;
  const somebody = person(sandbox);
  let deleted = 0;
  const transport: Transport = async (request) => {
    const body = await request.clone().text();
    if (deleted === 0 && isMoment(request.method, new URL(request.url), body)) {
      deleted += 1;
      await somebody.send('DELETE', at.deployment('web-candidate'));
    }
    return sandbox.connection.transport(request);
  };
  let since: number | undefined;
  let shortMs = 0;
  sandbox.objects.watch('deployments.apps', () => {
    const wants = (name: string): number | undefined => sandbox.objects.get('deployments.apps', 'shop', name)?.spec.replicas;
    const short = wants('web-candidate') === undefined && (wants('web') ?? 0) < replicas;
    if (!short && since !== undefined) shortMs = Math.max(shortMs, clock.monotonicMs() - since);
    since = short ? (since ?? clock.monotonicMs()) : undefined;
  });
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, transport }) });
  const load = sandbox.load('shop/web', { rate: 20 });
  const strategy = new Canary({ stages: [50, 100], interval: '20s', analysis: false });
  const outcome = await shepherd.deploy({ app: 'shop/web', release: { image: 'web:2' }, strategy }).outcome;
  const { failed } = await load.stop();
  expect(deleted).toBe(1);
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect(formatOutcome(outcome)).toMatch(/web-candidate was taken away/);
  expect({ shortMs, since, failed }).toEqual({ shortMs: 0, since: undefined, failed: 0 });
  expect(sandbox.objects.get('deployments.apps', 'shop', 'web')?.spec.replicas).toBe(replicas);
});

test('a candidate that is deleted while the traffic goes back: it goes back all the same', async () => {
  await using sandbox = await createSandbox();
  for (const version of ['1', '2']) sandbox.image(`web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas });
  const somebody = person(sandbox);
  let goingBack = false;
  let deleted = 0;
  const transport: Transport = async (request) => {
    const { pathname } = new URL(request.url);
    const grows =
      goingBack && deleted === 0 && request.method === 'PATCH' && pathname.endsWith('/web') && (await request.clone().text()).includes('"replicas":');
    const answer = await sandbox.connection.transport(request);
    if (grows) {
      deleted += 1;
      await somebody.send('DELETE', at.deployment('web-candidate'));
    }
    return answer;
  };
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, transport }) });
  const strategy = new Canary({ stages: [50, 100], interval: '5m', analysis: false });
  const rollout = shepherd.deploy({ app: 'shop/web', release: { image: 'web:2' }, strategy });
  for await (const event of rollout) {
    if (event.type === 'weight-change' && event.to === 50) await rollout.abort({ reason: 'seen enough' });
    goingBack ||= event.type === 'rollback-start';
  }
  const outcome = await rollout.outcome;
  expect(deleted).toBe(1);
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect(sandbox.objects.get('deployments.apps', 'shop', 'web')?.spec.replicas).toBe(replicas);
});
