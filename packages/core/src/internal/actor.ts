import type { Actor } from '../words/app.js';

/** Who runs this process: the CI run's actor, else user@host. Only the environment is asked, so that core runs where there is no Node. */
export function defaultActor(): Actor {
  const env = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
  const { GITHUB_ACTOR, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, CI, USER, USERNAME, LOGNAME, HOSTNAME } = env;
  if (GITHUB_ACTOR)
    return { name: GITHUB_ACTOR, kind: 'ci', ...(GITHUB_RUN_ID ? { url: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}` } : {}) };
  const user = USER ?? LOGNAME ?? USERNAME ?? 'somebody';
  return { name: HOSTNAME === undefined ? user : `${user}@${HOSTNAME}`, kind: CI ? 'ci' : 'human' };
}
