import type { AnalysisOptions, Issue } from '@shepherd/core';
import type { Settings } from '../config/settings.js';
import type { PlanFlags } from './flags.js';

const levels = ['low', 'medium', 'high'] as const;
const answers = ['pause', 'rollback', 'promote'] as const;

/** How a release is judged by metrics; false: not at all; undefined: as the strategy does by itself. */
export function readAnalysis(flags: PlanFlags, { analysis: settings }: Settings, issues: Issue[]): AnalysisOptions | false | undefined {
  const asked = {
    errorThreshold: flags.errorThreshold,
    latencyThreshold: flags.latencyThreshold,
    sensitivity: flags.sensitivity,
    onInconclusive: flags.onInconclusive,
  };
  const said = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (flags.analysis === false) {
    for (const [key, value] of said)
      issues.push({
        path: `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
        got: JSON.stringify(value),
        expected: 'nothing beside --no-analysis',
      });
    return false;
  }
  if (settings === false && said.length === 0) return false;
  const configured = settings === false ? undefined : settings;
  const percent = readNumber(
    '--error-threshold',
    flags.errorThreshold ?? configured?.errorThreshold,
    'a percent above 0 and below 100, such as 2',
    issues,
    100,
  );
  const ms = readNumber('--latency-threshold', flags.latencyThreshold ?? configured?.latencyThreshold, 'milliseconds, such as 500', issues);
  const sensitivity = readWord('--sensitivity', flags.sensitivity ?? configured?.sensitivity, levels, issues);
  const onInconclusive = readWord('--on-inconclusive', flags.onInconclusive ?? configured?.onInconclusive, answers, issues);
  const options: AnalysisOptions = {
    ...(percent === undefined ? {} : { errorRate: { max: percent / 100 } }),
    ...(ms === undefined ? {} : { latency: { quantile: 0.99, max: `${ms}ms` as const } }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(onInconclusive === undefined ? {} : { onInconclusive }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

function readNumber(path: string, value: string | number | undefined, expected: string, issues: Issue[], below = Number.POSITIVE_INFINITY): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(String(value).replace(/\s*%$/, ''));
  if (String(value).trim() !== '' && number > 0 && number < below) return number;
  issues.push({ path, got: JSON.stringify(value), expected });
  return undefined;
}

function readWord<T extends string>(path: string, value: string | undefined, words: readonly T[], issues: Issue[]): T | undefined {
  const found = words.find((word) => word === value);
  if (value !== undefined && found === undefined)
    issues.push({ path, got: JSON.stringify(value), expected: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` });
  return found;
}
