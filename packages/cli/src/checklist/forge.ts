import type { Evidence, Found } from './checklist.js';

/** Where a commit is looked up; of GitHub Actions' own variables. */
export interface Forge {
  readonly api: string;
  readonly repository: string;
  readonly commit: string;
  readonly token: string;
}

/** Undefined outside of GitHub Actions, and where the job has no `GITHUB_TOKEN`. */
export function forgeOf(env: Readonly<Record<string, string | undefined>>): Forge | undefined {
  const { GITHUB_API_URL: api = 'https://api.github.com', GITHUB_REPOSITORY: repository, GITHUB_SHA: commit, GITHUB_TOKEN: token } = env;
  if (!repository || !commit || !token || !/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(repository) || !/^[0-9a-f]{40}$/.test(commit)) return undefined;
  return { api, repository, commit, token };
}

interface CheckRun {
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
}

const patienceMs = 10_000;

/** Review and tests of a commit: whether a pull request of it was approved, and what its check runs came to. Nothing where the forge does not answer. */
export async function forgeEvidence(forge: Forge, signal: AbortSignal): Promise<Evidence> {
  const [review, runs] = await Promise.all([reviewOf(forge, signal), runsOf(forge, signal)]);
  return { I1: review, ...runs };
}

async function reviewOf(forge: Forge, signal: AbortSignal): Promise<Found> {
  const pulls = await ask<readonly { number: number; merged_at: string | null }[]>(forge, `commits/${forge.commit}/pulls`, signal);
  if (typeof pulls === 'string') return { state: 'open', says: pulls };
  for (const { number } of pulls) {
    const reviews = await ask<readonly { state: string; user: { login: string } | null }[]>(forge, `pulls/${number}/reviews?per_page=100`, signal);
    if (typeof reviews === 'string') return { state: 'open', says: reviews };
    const approved = reviews.find(({ state }) => state === 'APPROVED');
    if (approved !== undefined) return { state: 'done', says: `#${number} was approved by ${approved.user?.login ?? 'somebody who left'}` };
  }
  return {
    state: 'open',
    says: pulls.length === 0 ? 'no pull request has this commit' : `${pulls.map(({ number }) => `#${number}`).join(', ')} has no approval`,
  };
}

/** Check runs are told apart by their names. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['I6', /e2e|end.to.end/i],
  ['I5', /integration/i],
  ['I4', /unit|\btests?\b/i],
];

async function runsOf(forge: Forge, signal: AbortSignal): Promise<Evidence> {
  const answer = await ask<{ check_runs: readonly CheckRun[] }>(forge, `commits/${forge.commit}/check-runs?per_page=100`, signal);
  if (typeof answer === 'string') return Object.fromEntries(kinds.map(([id]) => [id, { state: 'open', says: answer }]));
  const kindOf = ({ name }: CheckRun): string | undefined => kinds.find(([, pattern]) => pattern.test(name))?.[0];
  return Object.fromEntries(kinds.map(([id]) => [id, judged(answer.check_runs.filter((run) => kindOf(run) === id))]));
}

function judged(runs: readonly CheckRun[]): Found {
  if (runs.length === 0) return { state: 'open', says: 'no check run of the commit has such a name' };
  const bad = runs.filter(({ status, conclusion }) => status === 'completed' && !['success', 'skipped', 'neutral'].includes(conclusion ?? ''));
  if (bad.length > 0) return { state: 'failed', says: bad.map(({ name, conclusion }) => `${name}: ${conclusion}`).join(', ') };
  const waits = runs.filter(({ status }) => status !== 'completed');
  if (waits.length > 0) return { state: 'open', says: `${waits.map(({ name }) => name).join(', ')} still runs` };
  const passed = runs.filter(({ conclusion }) => conclusion === 'success').map(({ name }) => name);
  return passed.length === 0 ? { state: 'open', says: `${runs.map(({ name }) => name).join(', ')}: skipped` } : { state: 'done', says: passed.join(', ') };
}

/** @returns a sentence where there is no answer */
async function ask<T>({ api, repository, token }: Forge, path: string, signal: AbortSignal): Promise<T | string> {
  try {
    const reply = await fetch(`${api}/repos/${repository}/${path}`, {
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    if (!reply.ok) return `the forge answered ${reply.status}`;
    return (await reply.json()) as T;
  } catch (error) {
    signal.throwIfAborted();
    return `the forge does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
