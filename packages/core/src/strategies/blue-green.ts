import { ShepherdError } from '../errors/shepherd-error.js';
import type { Use } from '../extend/definition.js';
import type { Situation, Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import { analyse, apply, approve, promote, ready, retire, roll, shift, smoke, verify } from '../steps/index.js';
import type { Duration } from '../words/duration.js';
import { judging } from './judging.js';
import { lockstep } from './lockstep.js';
import { durationIssue, judgedIssues, refuse, unknownKeys } from './options.js';
import { beforeTraffic, quick } from './placing.js';
import { needSteadyReplicas } from './refusals.js';
import type { Judged, Strategy } from './strategy.js';

/** @default soak '5m', smokeTimeout '2m' */
export interface BlueGreenOptions extends Judged {
  /** Checks on the new version before it gets traffic, beside those of the request. */
  readonly smoke?: readonly Use<'check'>[] | undefined;
  /** All smoke tests together must end within. */
  readonly smokeTimeout?: Duration | undefined;
  /** How long the old version stays whole after the switch while the new one is watched (the guide's grace period). */
  readonly soak?: Duration | undefined;
}

/** The new version whole beside the old one, tested without traffic, then all traffic at once; back in an instant while the old one stands. */
export class BlueGreen implements Strategy<BlueGreenOptions> {
  static readonly kind = 'blue-green';
  readonly kind = BlueGreen.kind;

  /** @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
  constructor(readonly options: BlueGreenOptions = {}) {
    refuse([
      ...unknownKeys('strategy', options, ['smoke', 'smokeTimeout', 'soak', 'analysis', 'approval']),
      ...durationIssue('strategy.soak', options.soak),
      ...durationIssue('strategy.smokeTimeout', options.smokeTimeout, 1_000),
      ...judgedIssues(options),
    ]);
  }

  plan(situation: Situation): readonly Step[] {
    return lockstep(situation, (target) => this.#steps(target, situation));
  }

  #steps(target: Target, situation: Situation): readonly Step[] {
    const { checks } = situation;
    if (target.stable === undefined) return [roll(target), verify(target, checks)];
    needSteadyReplicas('blue-green', target);
    if (target.router.switches === false) {
      throw new ShepherdError('ERR_UNSUPPORTED_WORKLOAD', `blue-green of ${target.app.name}: no Service selects its pods, so there is no traffic to switch`, {
        facts: { app: target.app.name, field: 'services', got: 'none', expected: 'a Service whose selector matches the pods' },
        remedy: 'use the rolling or canary strategy, or name the Service',
      });
    }
    const { soak = '5m', smoke: extra = [], smokeTimeout = '2m', analysis, approval } = this.options;
    const watched = beforeTraffic(checks);
    return [
      apply(target, { capacity: '100%', isolated: true }),
      ready(target, 'candidate'),
      smoke(target, [...extra, ...watched], { timeout: smokeTimeout }),
      ...(approval === undefined ? [] : [approve(approval)]),
      shift(target, 100),
      verify(target, quick(checks), 'candidate'),
      analyse(target, soak, judging(analysis, situation, watched, 'limits')),
      ...(target.roles === 'swap'
        ? [retire(target, 'stable')]
        : [
            promote(target),
            ready(target, 'stable'),
            verify(target, quick(beforeTraffic(checks))),
            shift(target, 0),
            verify(target, checks),
            retire(target, 'candidate'),
          ]),
    ];
  }
}
