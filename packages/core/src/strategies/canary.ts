import { ShepherdError } from '../errors/shepherd-error.js';
import { realise } from '../plan/realise.js';
import type { Situation, Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import { analyse, apply, approve, promote, ready, retire, roll, scale, shift, smoke, verify } from '../steps/index.js';
import type { Duration } from '../words/duration.js';
import { judging } from './judging.js';
import { lockstep } from './lockstep.js';
import { durationIssue, judgedIssues, refuse, shown, unknownKeys } from './options.js';
import { beforeTraffic, quick } from './placing.js';
import { needSteadyReplicas } from './refusals.js';
import type { Judged, Strategy } from './strategy.js';

/** @default interval '5m' */
export interface CanaryOptions extends Judged {
  /** Percent of requests, rising, ending at 100; each may have an interval of its own. */
  readonly stages: readonly (number | { readonly weight: number; readonly interval: Duration })[];
  readonly interval?: Duration | undefined;
}

/** A growing share of traffic to the new version, watched at each stage, with everything back at the first sign of trouble. */
export class Canary implements Strategy<CanaryOptions> {
  static readonly kind = 'canary';
  readonly kind = Canary.kind;

  /** @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
  constructor(readonly options: CanaryOptions) {
    const { stages, interval } = options;
    const weights = Array.isArray(stages) ? stages.map(weightOf) : [];
    refuse([
      ...unknownKeys('strategy', options, ['stages', 'interval', 'analysis', 'approval']),
      ...(weights.length === 0 ? [{ path: 'strategy.stages', got: shown(stages), expected: 'at least one stage, such as [10, 50, 100]' }] : []),
      ...weights.flatMap((weight, i) =>
        Number.isInteger(weight) && weight >= 1 && weight <= 100
          ? []
          : [{ path: `strategy.stages[${i}]`, got: shown(weight), expected: 'a whole percent from 1 to 100' }],
      ),
      ...weights.flatMap((weight, i) =>
        i > 0 && weight <= (weights[i - 1] ?? 0)
          ? [{ path: `strategy.stages[${i}]`, got: shown(weight), expected: `more than the stage before (${weights[i - 1]})` }]
          : [],
      ),
      ...(weights.length > 0 && weights.at(-1) !== 100
        ? [{ path: `strategy.stages[${weights.length - 1}]`, got: shown(weights.at(-1)), expected: '100 as the last stage' }]
        : []),
      ...durationIssue('strategy.interval', interval, 1_000),
      ...(Array.isArray(stages) ? stages : []).flatMap((stage, i) =>
        typeof stage === 'object' ? durationIssue(`strategy.stages[${i}].interval`, stage.interval, 1_000) : [],
      ),
      ...judgedIssues(options),
    ]);
  }

  plan(situation: Situation): readonly Step[] {
    return lockstep(situation, (target) => this.#steps(target, situation));
  }

  #steps(target: Target, situation: Situation): readonly Step[] {
    const { checks } = situation;
    if (target.stable === undefined) return [roll(target), verify(target, checks)];
    needSteadyReplicas('canary', target);
    if (target.roles === 'swap' || target.router.granularity === 'binary') {
      throw new ShepherdError('ERR_UNSUPPORTED_WORKLOAD', `canary of ${target.app.name}: ${target.router.name} moves all traffic or none`, {
        facts: {
          app: target.app.name,
          field: 'router',
          got: target.roles === 'swap' ? 'a pair of colours' : target.router.name,
          expected: 'a way to give a share of traffic',
        },
        remedy: 'use the blue-green strategy',
      });
    }
    const { stages, interval = '5m', analysis, approval } = this.options;
    const byPods = target.router.granularity === 'replicas';
    const watched = beforeTraffic(checks);
    const stage = (each: CanaryOptions['stages'][number], index: number): readonly Step[] => {
      const weight = weightOf(each);
      const capacity = realise(target, weight).candidate;
      return [
        ...(index > 0 && approval !== undefined ? [approve(approval)] : []),
        // Split by pods, a shift *is* scaling; with a router the pods come first, then the smoke test, then the traffic.
        ...(!byPods && index > 0 ? [scale(target, 'candidate', `${weight}%`), ready(target, 'candidate')] : []),
        ...(!byPods && index === 0 ? [apply(target, { capacity: `${weight}%` }), ready(target, 'candidate'), smoke(target, watched)] : []),
        shift(target, weight),
        ...(byPods && index === 0 && capacity > 0 ? [smoke(target, watched)] : []),
        analyse(target, typeof each === 'number' ? interval : each.interval, judging(analysis, situation, watched, 'stable')),
      ];
    };
    return [
      ...(byPods ? [apply(target, { capacity: 0 })] : []),
      ...stages.flatMap(stage),
      ...(approval === undefined ? [] : [approve(approval)]),
      promote(target),
      ready(target, 'stable'),
      verify(target, quick(beforeTraffic(checks))),
      shift(target, 0),
      verify(target, checks),
      retire(target, 'candidate'),
    ];
  }
}

const weightOf = (stage: CanaryOptions['stages'][number]): number => (typeof stage === 'object' && stage !== null ? stage.weight : stage);
