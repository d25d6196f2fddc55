import type { Situation } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import { analyse, approve, roll, verify } from '../steps/index.js';
import type { Duration } from '../words/duration.js';
import { judging } from './judging.js';
import { lockstep } from './lockstep.js';
import { durationIssue, judgedIssues, refuse, unknownKeys } from './options.js';
import { beforeTraffic } from './placing.js';
import type { Judged, Strategy } from './strategy.js';

/** @default no soak */
export interface RollingUpdateOptions extends Judged {
  /** How long the new version is watched after the last pod was replaced. */
  readonly soak?: Duration | undefined;
}

/** Pod by pod in place, by the platform's own controller; the old template back if the new one does not hold. */
export class RollingUpdate implements Strategy<RollingUpdateOptions> {
  static readonly kind = 'rolling';
  readonly kind = RollingUpdate.kind;

  /** @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
  constructor(readonly options: RollingUpdateOptions = {}) {
    refuse([...unknownKeys('strategy', options, ['soak', 'analysis', 'approval']), ...durationIssue('strategy.soak', options.soak), ...judgedIssues(options)]);
  }

  plan(situation: Situation): readonly Step[] {
    const { soak, analysis, approval } = this.options;
    const { checks } = situation;
    const watched = beforeTraffic(checks);
    return lockstep(situation, (target) => [
      ...(approval === undefined ? [] : [approve(approval)]),
      roll(target),
      verify(target, checks),
      ...(soak === undefined ? [] : [analyse(target, soak, judging(analysis, situation, watched, 'limits'))]),
    ]);
  }
}
