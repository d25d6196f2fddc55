import { Canary, type DeployRequest, type Outcome, type Rollout, Shepherd } from '@shepherd/core';
import { createMemoryPlatform, type MemoryRelease } from '@shepherd/core/testing';
import { afterEach, expect, test } from 'vitest';
import { startGithub } from '../__fixtures__/github.js';
import { Deployments, type DeploymentsOptions } from './deployments.js';
import { described, statusOf } from './status-of.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each[Symbol.asyncDispose]();
});

/** An app in memory, a GitHub on loopback, and rollouts that are told to it. */
async function world() {
  const github = await startGithub({ commits: ['c1', 'c2', 'c3'] });
  const platform = createMemoryPlatform({ replicas: 2, versions: { '1.0.0': {}, '2': {}, '3': { doomed: 'CrashLoopBackOff' } } });
  const shepherd = new Shepherd({ platform, actor: { name: 'ada', kind: 'human' } });
  open.push(github, { [Symbol.asyncDispose]: async () => void (await shepherd.close()) });
  const said: string[] = [];
  const telling = async (rollout: Rollout, options: Partial<DeploymentsOptions>, settleMs = 5_000): Promise<Outcome> => {
    const { api } = github;
    const runUrl = 'https://github.com/acme/shop/actions/runs/7';
    const say = (line: string): void => void said.push(line);
    const told = new Deployments({ api, repository: 'acme/shop', token: 'token', sha: 'c1', command: 'deploy', runUrl, say, ...options });
    for await (const event of rollout) told.event(event);
    const outcome = await rollout.outcome;
    told.outcome(outcome);
    await told.settled(settleMs);
    return outcome;
  };
  const strategy = new Canary({ stages: [50, 100], interval: '1m', analysis: false });
  const request = (version: string, more: Partial<DeployRequest<MemoryRelease>> = {}): DeployRequest<MemoryRelease> => ({
    app: 'web',
    release: { version },
    strategy,
    ...more,
  });
  return { github, shepherd, said, telling, request, platform };
}

test('a release is a deployment of its commit: in progress, then a success, with the run of the workflow', async () => {
  const { github, shepherd, telling, request, said } = await world();
  const outcome = await telling(shepherd.deploy(request('2', { metadata: { environment: 'live' } })), {});
  expect(outcome.kind).toBe('succeeded');
  expect(github.deployments).toMatchObject([{ sha: 'c1', environment: 'live', payload: { shepherd: { rolloutId: outcome.rolloutId, app: 'default/web' } } }]);
  expect(github.deployments[0]?.statuses).toEqual([
    { state: 'in_progress', description: '', log_url: 'https://github.com/acme/shop/actions/runs/7' },
    { state: 'success', description: expect.stringMatching(/^succeeded: memory\/default\/web runs 2 /), log_url: expect.any(String) },
  ]);
  expect(said).toEqual([]);
});

test('taken back: a failure, and a success on a new deployment of the commit that serves again', async () => {
  const { github, shepherd, telling, request } = await world();
  await telling(shepherd.deploy(request('2')), { sha: 'c2' });
  const outcome = await telling(shepherd.deploy(request('3')), { sha: 'c3' });
  expect(outcome.kind).toBe('rolled-back');
  expect(github.told()).toEqual([['in_progress', 'success'], ['in_progress', 'failure'], ['success']]);
  expect(github.deployments.map(({ sha }) => sha)).toEqual(['c2', 'c3', 'c2']);
  expect(github.deployments[2]?.statuses[0]?.description).toBe('web:2 serves again');
});

test('a rollback that was asked for and worked is a new deployment of the older commit; without one that is known it is none', async () => {
  const { github, shepherd, telling, request } = await world();
  await telling(shepherd.deploy(request('2')), { sha: 'c2' });
  await telling(shepherd.rollback({ app: 'web' }), { command: 'rollback' });
  expect(github.told()).toEqual([['in_progress', 'success']]);
  await telling(shepherd.deploy(request('4')), { sha: 'c3' });
  await telling(shepherd.deploy(request('5')), { sha: 'c1' });
  await telling(shepherd.rollback({ app: 'web' }), { command: 'rollback' });
  expect(github.told().at(-1)).toEqual(['success']);
  expect(github.deployments.map(({ sha }) => sha)).toEqual(['c2', 'c3', 'c1', 'c3']);
});

test('who goes on with a release finds its deployment', async () => {
  const { github, shepherd, telling, request } = await world();
  const rollout = shepherd.deploy(request('2'));
  const first = new Deployments({ api: github.api, repository: 'acme/shop', token: 'token', sha: 'c1', command: 'deploy', runUrl: '', say: () => undefined });
  for await (const event of rollout) {
    first.event(event);
    if (event.type === 'weight-change') break;
  }
  await first.settled(5_000);
  await rollout.abort({ reason: 'its job was cancelled' });
  const outcome = await telling(rollout, { command: 'abort' });
  expect(outcome.kind).toBe('rolled-back');
  expect(github.told()).toEqual([['in_progress', 'failure']]);
});

test.each([
  ['forbids', /^GitHub Deployments: POST \/deployments: 403 Resource not accessible by integration; the job needs permissions: deployments: write$/],
  ['fails', /^GitHub Deployments: POST \/deployments: 502 Server Error$/],
  ['hangs', undefined],
] as const)('a GitHub that %s changes nothing about a rollout, and is complained of once', async (mode, complaint) => {
  const { github, shepherd, telling, request, said, platform } = await world();
  github.mode = mode;
  const before = performance.now();
  expect((await telling(shepherd.deploy(request('2')), {}, 200)).kind).toBe('succeeded');
  expect(platform.app('web').stable?.version).toBe('2');
  expect(performance.now() - before).toBeLessThan(20_000);
  expect(said).toEqual(complaint === undefined ? [] : [expect.stringMatching(complaint)]);
  expect(github.asked).toBeGreaterThan(0);
  expect(said.join()).not.toContain('Bearer');
});

test('descriptions are one line of 140 characters at most, whole characters', () => {
  expect(described('one\ntwo')).toBe('one');
  expect([...described('🚀'.repeat(200))]).toHaveLength(140);
  expect(described('🚀'.repeat(200)).endsWith('🚀…')).toBe(true);
});

test.each([
  [{ kind: 'superseded', by: 'x' }, 'inactive'],
  [{ kind: 'detached' }, undefined],
  [{ kind: 'lock-lost' }, undefined],
  [{ kind: 'paused', by: { name: 'ada', kind: 'human' }, reason: 'r', until: 'u' }, 'pending'],
] as const)('%j', (outcome, state) => {
  expect(
    statusOf({
      rolloutId: 'r',
      targets: [],
      from: undefined,
      to: undefined,
      startedAt: '',
      ms: 0,
      final: false,
      serving: 'stable',
      ...outcome,
    } as unknown as Outcome)?.state,
  ).toBe(state);
});
