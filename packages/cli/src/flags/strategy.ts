import { type AnalysisOptions, BlueGreen, Canary, type Duration, type Issue, RollingUpdate, ShepherdError, type Strategy } from '@shepherd/core';
import type { Settings } from '../config/settings.js';
import { nearest } from '../nearest.js';
import { readAnalysis } from './analysis.js';
import type { PlanFlags } from './flags.js';
import { readDuration } from './seconds.js';

export const strategyNames = ['rolling', 'blue-green', 'canary'] as const;
export type StrategyName = (typeof strategyNames)[number];

/** The guide's stages. */
const defaultStages: readonly number[] = [10, 25, 50, 75, 100];
/** For a person who sits there. Nobody's silence lets a release go on. */
const atTerminal: Duration = '10m';

/** Which flags speak of one strategy alone. */
const flagsOf: Readonly<Record<StrategyName, readonly (keyof PlanFlags)[]>> = {
  rolling: [],
  'blue-green': ['gracePeriod', 'smokeTimeout'],
  canary: ['stages', 'interval'],
};

const flagName = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function strategyName(text: string, issues: Issue[]): StrategyName | undefined {
  const found = strategyNames.find((name) => name === text);
  if (found !== undefined) return found;
  const near = nearest(text, strategyNames);
  issues.push({
    path: '--strategy',
    got: JSON.stringify(text),
    expected: `rolling, blue-green or canary${near === undefined ? '' : ` (nearest: ${near})`}`,
  });
  return undefined;
}

/** The strategy that flags and config ask for. `ask`: a person is there who answers between stages and before the switch. */
export function readStrategy(flags: PlanFlags, settings: Settings, ask: boolean, issues: Issue[]): Strategy | undefined {
  const name = strategyName(flags.strategy ?? settings.strategy ?? 'rolling', issues);
  for (const [owner, keys] of Object.entries(flagsOf)) {
    if (name === undefined || owner === name) continue;
    for (const key of keys) {
      if (flags[key] === undefined) continue;
      issues.push({ path: flagName(key), got: `it with --strategy ${name}`, expected: `--strategy ${owner}, the only one that has it` });
    }
  }
  const before = issues.length;
  const interval = readDuration('--interval', flags.interval ?? settings.interval, issues);
  const soak = readDuration('--grace-period', flags.gracePeriod ?? settings.gracePeriod, issues, { leastMs: 0 });
  const smokeTimeout = readDuration('--smoke-timeout', flags.smokeTimeout ?? settings.smokeTimeout, issues);
  const approval = readDuration('--approval', flags.approval, issues) ?? (ask ? atTerminal : undefined);
  const stages = flags.stages === undefined ? (settings.stages ?? defaultStages) : readStages(flags.stages);
  if (name === undefined || issues.length > before) return undefined;
  const analysis = readAnalysis(flags, settings, issues);
  if ((name === 'canary' || analysis !== undefined) && analysis !== false && flags.prometheus === undefined && settings.prometheus === undefined)
    issues.push({
      path: '--prometheus',
      got: name === 'canary' ? 'a canary that nothing judges' : 'limits, and nothing that counts requests',
      expected: '--prometheus URL, or --no-analysis (analysis: false), which says that health checks and pods are all it is judged by',
    });
  return made(issues, () => make(name, { interval, soak, smokeTimeout, stages, analysis, approval }));
}

interface Made {
  readonly interval: Duration | undefined;
  readonly soak: Duration | undefined;
  readonly smokeTimeout: Duration | undefined;
  readonly stages: readonly number[];
  readonly analysis: AnalysisOptions | false | undefined;
  readonly approval: Duration | undefined;
}

function make(name: StrategyName, { interval, soak, smokeTimeout, stages, analysis, approval }: Made): Strategy {
  const asked = {
    ...(approval === undefined ? {} : { approval: { timeout: approval, onTimeout: 'reject' } as const }),
    ...(analysis === undefined ? {} : { analysis }),
  };
  switch (name) {
    case 'canary':
      return new Canary({ stages, ...(interval === undefined ? {} : { interval }), ...asked });
    case 'blue-green':
      return new BlueGreen({ ...(soak === undefined ? {} : { soak }), ...(smokeTimeout === undefined ? {} : { smokeTimeout }), ...asked });
    default:
      return new RollingUpdate(analysis === undefined ? {} : { analysis });
  }
}

const readStages = (text: string): readonly number[] => text.split(',').map((part) => (/^\s*\d+\s*%?\s*$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));

/** What core objects to, said with the words of the command line. */
function made(issues: Issue[], make: () => Strategy): Strategy | undefined {
  try {
    return make();
  } catch (error) {
    if (!ShepherdError.is(error, 'ERR_INVALID_OPTIONS')) throw error;
    issues.push(...error.facts.issues.map((issue) => ({ ...issue, path: issue.path.replace(/^strategy\.([a-zA-Z]+)/, (_, key: string) => flagName(key)) })));
    return undefined;
  }
}
