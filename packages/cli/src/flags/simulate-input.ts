import type { DeployRequest, Issue } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import type { Behaviour } from '@shepherd/sandbox';
import type { Settings } from '../config/settings.js';
import { planInput, refuse } from './deploy-input.js';
import type { SimulateFlags } from './flags.js';
import { readDuration } from './seconds.js';

export interface SimulateInput {
  readonly request: DeployRequest<KubeRelease>;
  readonly replicas: number;
  /** Requests a second. */
  readonly rate: number;
  /** Of everything that chance decides. */
  readonly seed: number;
  readonly before: Behaviour;
  readonly after: Behaviour;
}

/** The app that a simulation releases, and its two versions. */
export const simulated = { namespace: 'simulated', name: 'web', before: 'sandbox.test/web:1.0.0', after: 'sandbox.test/web:1.1.0' } as const;

/** Where no network leads: the Prometheus of a simulation is in its own process. */
const nowhere = 'http://prometheus.invalid';

/** What `simulate` was asked for: the request as `deploy` reads it, and what happens to it. Pure. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function simulateInput(flags: SimulateFlags, settings: Settings): SimulateInput {
  const issues: Issue[] = [];
  const startup = readDuration('--startup', flags.startup, issues, { leastMs: 0 });
  const newErrors = readShare('--new-error-rate', flags.newErrorRate, issues);
  const oldErrors = readShare('--old-error-rate', flags.oldErrorRate, issues);
  const latencyMs = readMs('--new-latency', flags.newLatency, issues);
  const health = flags.newHealth === undefined ? undefined : readWhole('--new-health', flags.newHealth, { least: 200, most: 599 }, issues);
  const after = typeof flags.newCrash === 'string' ? readDuration('--new-crash', flags.newCrash, issues) : undefined;
  const replicas = readWhole('--replicas', flags.replicas ?? '4', { least: 1, most: 50 }, issues);
  const rate = readWhole('--rate', flags.rate ?? '50', { least: 1, most: 1_000 }, issues);
  const seed = readWhole('--seed', flags.seed ?? '1', { least: 0, most: 2 ** 31 }, issues);
  refuse(issues);
  const { namespace, name, after: image } = simulated;
  const { request } = planInput(undefined, { ...flags, app: `${namespace}/${name}`, image, prometheus: nowhere }, settings);
  const both = startup === undefined ? {} : { startup };
  return {
    // By image, as it was just asked for.
    request: request as DeployRequest<KubeRelease>,
    replicas,
    rate,
    seed,
    before: { ...both, ...(oldErrors === undefined ? {} : { errorRate: oldErrors }) },
    after: {
      ...both,
      ...(newErrors === undefined ? {} : { errorRate: newErrors }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(health === undefined ? {} : { health }),
      ...(flags.newCrash === undefined ? {} : { crash: { exitCode: 1, log: 'simulated crash', ...(after === undefined ? {} : { after }) } }),
    },
  };
}

/** `0.02` or `2%`. */
function readShare(path: string, text: string | undefined, issues: Issue[]): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)(\s*%)?$/.exec(text.trim()) ?? [];
  const share = Number(digits) / (percent === undefined ? 1 : 100);
  if (share >= 0 && share <= 1) return share;
  issues.push({ path, got: JSON.stringify(text), expected: 'a share of the requests from 0 to 1, such as 0.02, or 2%' });
  return undefined;
}

/** A bare number is ms, as for `--latency-threshold`. */
function readMs(path: string, text: string | undefined, issues: Issue[]): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)\s*(ms|s)?$/.exec(text.trim()) ?? [];
  if (digits !== undefined) return Number(digits) * (unit === 's' ? 1_000 : 1);
  issues.push({ path, got: JSON.stringify(text), expected: 'milliseconds, or a time with its unit: 300ms' });
  return undefined;
}

function readWhole(path: string, text: string, { least, most }: { readonly least: number; readonly most: number }, issues: Issue[]): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
  issues.push({ path, got: JSON.stringify(text), expected: `a whole number from ${least} to ${most}` });
  return least;
}
