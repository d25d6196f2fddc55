import type { Issue } from '@shepherd/core';
import type { CommandName, Inputs } from './inputs.js';
import { splitWords } from './split-words.js';

/** How long a stage waits for a person where `auto-promote` is not set; `args` may say another time. */
const approval = '1h';

type Key = 'strategy' | 'image' | 'imageTag' | 'values' | 'autoPromote' | 'reason' | 'revision' | 'timeout' | 'onInterrupt' | 'dryRun' | 'githubDeployments';

/** Which inputs mean something to which command; others are refused rather than passed over. */
const taken: Readonly<Record<CommandName, readonly Key[]>> = {
  deploy: ['strategy', 'image', 'imageTag', 'values', 'autoPromote', 'reason', 'timeout', 'onInterrupt', 'dryRun', 'githubDeployments'],
  plan: ['strategy', 'image', 'imageTag', 'values', 'autoPromote', 'reason', 'timeout'],
  rollback: ['reason', 'revision', 'timeout', 'onInterrupt', 'dryRun', 'githubDeployments'],
  verify: [],
  resume: ['reason', 'onInterrupt', 'githubDeployments'],
  abort: ['reason', 'onInterrupt', 'githubDeployments'],
};
const keys = [...new Set(Object.values(taken).flat())];

const inputName = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const isSet = (value: Inputs[Key]): boolean => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** A value never becomes a flag of its own, whatever it begins with. */
const flag = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [`--${name}=${value}`]);

/** The line of the command that inputs mean. What is wrong is added to `issues`. Pure. */
export function commandLine(inputs: Inputs, issues: Issue[]): readonly string[] {
  const { command, args = '' } = inputs;
  for (const key of keys)
    if (isSet(inputs[key]) && taken[command]?.includes(key) === false)
      issues.push({ path: inputName(key), got: `it with command: ${command}`, expected: 'one of the commands that have it' });
  const words = splitWords(args);
  if (words === undefined) issues.push({ path: 'args', got: JSON.stringify(args), expected: 'quotes that are closed' });
  const output = words?.find((word) => /^(--json|-o.*|--output(=.*)?)$/.test(word));
  if (output !== undefined)
    issues.push({ path: 'args', got: output, expected: 'no format: what a program needs is in the outputs, and in the file of report-path' });
  return [
    command,
    ...flag('app', inputs.app),
    ...flag('namespace', inputs.namespace),
    ...flag('environment', inputs.environment),
    ...flag('config', inputs.config),
    ...flag('strategy', inputs.strategy),
    ...image(inputs, issues),
    ...inputs.values.flatMap((file) => flag('values', file)),
    ...consent(inputs),
    ...flag('reason', inputs.reason),
    ...revision(inputs),
    ...flag('timeout', inputs.timeout),
    ...flag('on-interrupt', inputs.onInterrupt),
    ...(inputs.dryRun ? ['--dry-run'] : []),
    '--output=github',
    ...(words ?? []),
  ];
}

/** A tag alone is that of the chart's image. */
function image({ image: name, imageTag: tag }: Inputs, issues: Issue[]): readonly string[] {
  if (tag === undefined) return flag('image', name);
  if (name === undefined) return [`--set=image.tag=${/^-?\d+$/.test(tag) ? `\\${tag}` : tag}`];
  if (/[@]|:[^/]*$/.test(name)) issues.push({ path: 'image', got: JSON.stringify(name), expected: 'a name without tag or digest beside image-tag' });
  return flag('image', `${name}:${tag}`);
}

/** Nobody sits at a terminal: either it goes on by itself, or each stage waits for somebody elsewhere. */
function consent({ command, autoPromote }: Inputs): readonly string[] {
  if (command === 'deploy') return autoPromote ? ['--auto'] : ['--yes', `--approval=${approval}`];
  if (command === 'plan') return autoPromote ? [] : [`--approval=${approval}`];
  // Who may start the job, and the reviewers of its environment, are what --yes and --confirm ask for.
  return command === 'rollback' ? ['--force'] : [];
}

/** By the cluster's number, or by hash. */
const revision = ({ revision: asked }: Inputs): readonly string[] => flag(/^\d+$/.test(asked ?? '') ? 'revision' : 'to', asked);
