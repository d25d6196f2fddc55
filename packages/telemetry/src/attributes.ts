import { cleanText, type ObservedRollout } from '@shepherd/core';

type Env = Readonly<Record<string, string | undefined>>;
export type Attributes = Readonly<Record<string, string | number>>;

const longest = 500;

/** Text of people and other systems, without credentials and control characters. */
export const plain = (text: string): string => cleanText(text, longest);

/** Without what is not there. */
const given = (entries: Readonly<Record<string, string | number | undefined>>): Attributes =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, typeof value === 'string' ? plain(value) : value]])),
  );

/** An address without a name or password in it; undefined for what is none. */
function addressOf(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.username = '';
  url.password = '';
  return url.href;
}

/** Where the release was built from: what the request's metadata says, else what the CI run knows. */
export function sourceOf(
  { metadata }: Pick<ObservedRollout, 'metadata'>,
  env: Env,
): { readonly commit?: string | undefined; readonly branch?: string | undefined; readonly repository?: string | undefined } {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  return {
    commit: metadata['commit'] ?? env['GITHUB_SHA'] ?? env['CI_COMMIT_SHA'],
    branch: metadata['branch'] ?? env['GITHUB_REF_NAME'] ?? env['CI_COMMIT_REF_NAME'],
    repository: addressOf(metadata['repository'] ?? (server && repository ? `${server}/${repository}` : env['CI_PROJECT_URL'])),
  };
}

export const environmentOf = ({ metadata, app }: Pick<ObservedRollout, 'metadata' | 'app'>): string => metadata['environment'] ?? app.namespace;
export const pipelineOf = ({ strategy }: Pick<ObservedRollout, 'strategy'>): string => `shepherd.${strategy}`;

/** What is known of a rollout when it begins (conventions 1.44; `shepherd.*` where they have no name). */
export function rootAttributes(rollout: ObservedRollout, env: Env): Attributes {
  const { id, app, by, strategy } = rollout;
  const { commit, branch, repository } = sourceOf(rollout, env);
  return given({
    'cicd.pipeline.name': pipelineOf(rollout),
    'cicd.pipeline.action.name': 'RUN',
    'cicd.pipeline.run.id': id,
    'cicd.pipeline.run.url.full': addressOf(by.url),
    'deployment.environment.name': environmentOf(rollout),
    'deployment.id': id,
    'deployment.name': `${app.namespace}/${app.name}`,
    'k8s.cluster.name': app.cluster,
    'k8s.namespace.name': app.namespace,
    'k8s.deployment.name': app.name,
    'vcs.ref.head.revision': commit,
    'vcs.ref.head.name': branch,
    'vcs.repository.url.full': repository,
    'shepherd.app': `${app.namespace}/${app.name}`,
    'shepherd.strategy': strategy,
  });
}

export function taskAttributes({ id, by }: ObservedRollout, task: { readonly name: string; readonly sequence: number; readonly index?: number }): Attributes {
  return given({
    'cicd.pipeline.task.name': task.name,
    'cicd.pipeline.task.type': 'deploy',
    'cicd.pipeline.task.run.id': `${id}/${task.sequence}`,
    'cicd.pipeline.task.run.url.full': addressOf(by.url),
    'shepherd.step.index': task.index,
  });
}

/** What metrics are told apart by: never a rollout, of which there is no end. */
export const labelsOf = (rollout: ObservedRollout): Attributes => ({
  'cicd.pipeline.name': pipelineOf(rollout),
  'deployment.environment.name': plain(environmentOf(rollout)),
  'shepherd.app': `${rollout.app.namespace}/${rollout.app.name}`,
  'shepherd.strategy': rollout.strategy,
});
