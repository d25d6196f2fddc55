import type { Use } from '../extend/definition.js';
import type { HookPoint } from '../rollout/request.js';
import { custom } from '../steps/index.js';
import type { Target } from './situation.js';
import type { Step } from './step.js';

type Hooks = { readonly [At in HookPoint]?: readonly Use<'step'>[] | undefined };

const of = (steps: readonly Step[], target: Target, kinds: readonly Step['kind'][], from = 0): number =>
  steps.findIndex(
    (step, index) => index >= from && kinds.includes(step.kind) && 'target' in step && JSON.stringify(step.target) === JSON.stringify(target.app),
  );

/** Where a hook goes among the steps of a target; -1: this plan has no such place. */
function place(at: HookPoint, steps: readonly Step[], target: Target): number {
  if (at === 'beforeApply') return of(steps, target, ['apply', 'roll']);
  if (at === 'beforePromote') return of(steps, target, ['promote']);
  if (at === 'afterPromote') {
    const last = steps.findLastIndex((step) => 'target' in step && JSON.stringify(step.target) === JSON.stringify(target.app));
    return last + 1;
  }
  const shift = of(steps, target, ['shift']);
  if (shift === -1) return -1;
  // Split by pods, the candidate has no pods before its first shift: the hook comes right behind it, in front of the smoke test.
  const podsBefore = steps.slice(0, shift).some((step) => step.kind === 'apply' && step.capacity !== 0);
  return podsBefore ? shift : shift + 1;
}

/** Puts one's own steps into the plan of a built-in strategy. Pure. */
export function placeHooks(steps: readonly Step[], targets: readonly Target[], hooks: Hooks): readonly Step[] {
  return targets.reduce<readonly Step[]>((all, target) => {
    return (['afterPromote', 'beforePromote', 'beforeTraffic', 'beforeApply'] as const).reduce<readonly Step[]>((list, at) => {
      const uses = hooks[at] ?? [];
      const index = uses.length === 0 ? -1 : place(at, list, target);
      return index === -1 ? list : list.toSpliced(index, 0, ...uses.map((use) => custom(target, use)));
    }, all);
  }, steps);
}
