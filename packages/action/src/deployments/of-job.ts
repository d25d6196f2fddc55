import type { Io } from '@shepherd/cli';
import type { Issue } from '@shepherd/core';
import type { Inputs } from '../inputs.js';
import { Deployments } from './deployments.js';

/** What tells GitHub of deployments, where the step asks for that. What is missing for it is added to `issues`. */
export function deploymentsOf(inputs: Inputs, command: string, { env, stderr }: Pick<Io, 'env' | 'stderr'>, issues: Issue[]): Deployments | undefined {
  if (!inputs.githubDeployments) return undefined;
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_SHA: sha, GITHUB_SERVER_URL: server, GITHUB_RUN_ID: run } = env;
  const token = inputs.githubToken;
  if (!token) issues.push({ path: 'github-deployments', got: 'no token', expected: 'github-token: ${{ github.token }} beside it' });
  if (!token || !api || !repository || !sha) return undefined;
  return new Deployments({
    api,
    repository,
    token,
    sha,
    command,
    runUrl: `${server}/${repository}/actions/runs/${run}`,
    environment: inputs.environment,
    say: (line) => void stderr.write(`${line}\n`),
  });
}
