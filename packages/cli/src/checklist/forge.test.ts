import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { forgeEvidence, forgeOf } from './forge.js';

const commit = 'a'.repeat(40);
const env = { GITHUB_REPOSITORY: 'shop/web', GITHUB_SHA: commit, GITHUB_TOKEN: 'secret' };

/** As GitHub answers: the bodies by the end of the path; else 404. */
async function ask(answers: Readonly<Record<string, unknown>>) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.headers.authorization} ${request.url}`);
    const found = Object.entries(answers).find(([path]) => request.url === `/repos/shop/web/${path}`);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(found?.[1] ?? { message: 'Not Found' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const evidence = await forgeEvidence(forgeOf({ ...env, GITHUB_API_URL: api }) as never, new AbortController().signal);
  await new Promise((done) => server.close(done));
  return { evidence, paths };
}

const run = (name: string, conclusion: string | null, status = 'completed') => ({ name, status, conclusion });

test('review and tests of the commit', async () => {
  const { evidence, paths } = await ask({
    [`commits/${commit}/pulls`]: [{ number: 12, merged_at: null }],
    'pulls/12/reviews?per_page=100': [
      { state: 'COMMENTED', user: { login: 'bob' } },
      { state: 'APPROVED', user: { login: 'ann' } },
    ],
    [`commits/${commit}/check-runs?per_page=100`]: {
      check_runs: [run('unit tests', 'success'), run('Integration', 'failure'), run('e2e', null, 'in_progress'), run('lint', 'failure')],
    },
  });
  expect(evidence).toEqual({
    I1: { state: 'done', says: '#12 was approved by ann' },
    I4: { state: 'done', says: 'unit tests' },
    I5: { state: 'failed', says: 'Integration: failure' },
    I6: { state: 'open', says: 'e2e still runs' },
  });
  expect(paths.every((path) => path.startsWith('Bearer secret '))).toBe(true);
});

test('what is not there is open: no approval, no such run, a run that was skipped', async () => {
  const { evidence } = await ask({
    [`commits/${commit}/pulls`]: [{ number: 12, merged_at: null }],
    'pulls/12/reviews?per_page=100': [{ state: 'CHANGES_REQUESTED', user: null }],
    [`commits/${commit}/check-runs?per_page=100`]: { check_runs: [run('unit', 'skipped')] },
  });
  expect(Object.values(evidence).map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open']);
  expect(evidence['I1']?.says).toBe('#12 has no approval');
});

test('a forge that refuses is open, not done', async () => {
  const { evidence } = await ask({});
  expect(evidence['I1']).toEqual({ state: 'open', says: 'the forge answered 404' });
  expect(evidence['I4']).toEqual({ state: 'open', says: 'the forge answered 404' });
});

test.each([{}, { ...env, GITHUB_TOKEN: '' }, { ...env, GITHUB_REPOSITORY: '../x' }, { ...env, GITHUB_SHA: 'main' }])('no forge: %j', (given) => {
  expect(forgeOf(given)).toBeUndefined();
});
