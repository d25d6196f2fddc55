import type { Issue } from '@shepherd/core';

export const commands = ['deploy', 'rollback', 'plan', 'verify', 'resume', 'abort'] as const;
export type CommandName = (typeof commands)[number];

/** What a step says under `with:`; what it leaves out is undefined. Names follow `action.yml`. */
export interface Inputs {
  readonly command: CommandName;
  readonly app?: string | undefined;
  readonly namespace?: string | undefined;
  readonly environment?: string | undefined;
  readonly config?: string | undefined;
  readonly strategy?: string | undefined;
  readonly image?: string | undefined;
  readonly imageTag?: string | undefined;
  /** Files of a chart's values, in order. */
  readonly values: readonly string[];
  /** Go on by itself. @default false: each stage waits for an approval */
  readonly autoPromote: boolean;
  readonly reason?: string | undefined;
  readonly revision?: string | undefined;
  readonly timeout?: string | undefined;
  readonly onInterrupt?: string | undefined;
  readonly dryRun: boolean;
  /** Tell GitHub's Deployments API. @default false */
  readonly githubDeployments: boolean;
  readonly githubToken?: string | undefined;
  /** More of the command line, as it was typed. */
  readonly args?: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The runner sets `image-tag` as `INPUT_IMAGE-TAG`, empty where a workflow has nothing to say. */
const textOf = (env: Env, name: string): string | undefined => env[`INPUT_${name.toUpperCase()}`]?.trim() || undefined;

/** Reads the inputs as the runner sets them. What is wrong is added to `issues`. Pure. */
export function readInputs(env: Env, issues: Issue[]): Inputs {
  const yes = (name: string): boolean => {
    const text = textOf(env, name);
    if (text !== undefined && !/^(true|True|TRUE|false|False|FALSE)$/.test(text))
      issues.push({ path: name, got: JSON.stringify(text), expected: 'true or false' });
    return text?.toLowerCase() === 'true';
  };
  const command = textOf(env, 'command') ?? 'deploy';
  if (!(commands as readonly string[]).includes(command)) issues.push({ path: 'command', got: JSON.stringify(command), expected: commands.join(', ') });
  const tag = textOf(env, 'image-tag');
  // What a registry takes; a comma or a space would say more than a tag.
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) issues.push({ path: 'image-tag', got: JSON.stringify(tag), expected: 'a tag such as v1.3.0' });
  return {
    command: command as CommandName,
    app: textOf(env, 'app'),
    namespace: textOf(env, 'namespace'),
    environment: textOf(env, 'environment'),
    config: textOf(env, 'config'),
    strategy: textOf(env, 'strategy'),
    image: textOf(env, 'image'),
    imageTag: tag,
    values: (textOf(env, 'values') ?? '')
      .split(/[\n,]/)
      .map((file) => file.trim())
      .filter((file) => file !== ''),
    autoPromote: yes('auto-promote'),
    reason: textOf(env, 'reason'),
    revision: textOf(env, 'revision'),
    timeout: textOf(env, 'timeout'),
    onInterrupt: textOf(env, 'on-interrupt'),
    dryRun: yes('dry-run'),
    githubDeployments: yes('github-deployments'),
    githubToken: textOf(env, 'github-token'),
    args: textOf(env, 'args'),
  };
}
