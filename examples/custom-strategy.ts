// A strategy of one's own: one pod first, a look at it, then the rest in place. `npm run example custom-strategy`
import type { Outcome, Situation, Step, Strategy } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import * as step from '@shepherd/core/steps';
import { shop } from './lib/shop.js';

interface ScoutOptions {
  readonly look: `${number}m`;
}

/** Plans forward only: going back is core's own and needs nothing from here. */
class Scout implements Strategy<ScoutOptions> {
  static readonly kind = 'acme/scout';
  readonly kind = Scout.kind;
  constructor(readonly options: ScoutOptions) {}

  plan({ targets, checks }: Situation): readonly Step[] {
    return targets.flatMap((target) => [
      step.apply(target, { capacity: 1, isolated: true }),
      step.ready(target, 'candidate'),
      step.smoke(
        target,
        checks.filter(({ use }) => use === 'shepherd/health'),
      ),
      step.wait(this.options.look),
      step.roll(target),
      step.verify(target, checks),
      step.retire(target, 'candidate'),
    ]);
  }
}

export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [Scout], print);
  return await app.deploy({ release: { image: 'registry/web:1.3.0' }, strategy: new Scout({ look: '2m' }), checks: standard() });
}
