import type { Plan, PlannedStep } from '@shepherd/core';

/** Steps that belong together for who watches: `stage 2 of 5: 25 %`. */
export interface Stage {
  readonly title: string;
  /** Indexes of its steps: from, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** What was asked for, where the stage moves traffic to the new version. */
  readonly asked: number | undefined;
}

const raises = ({ step }: PlannedStep): boolean => step.kind === 'shift' && step.weight > 0;

/** A plan's steps as stages: what prepares, each rise of traffic, what makes it final. Pure. */
export function stagesOf({ steps }: Pick<Plan, 'steps'>): readonly Stage[] {
  const total = steps.filter(raises).length;
  let rises = 0;
  let final = false;
  const titles = steps.map((planned): { title: string; asked: number | undefined } => {
    const { step } = planned;
    if (step.kind === 'promote') final = true;
    if (final) return { title: 'promotion', asked: undefined };
    if (step.kind === 'roll') rises = 1;
    if (step.kind === 'restore') return { title: 'restore', asked: undefined };
    if (raises(planned) && step.kind === 'shift') {
      rises += 1;
      return { title: total > 1 ? `stage ${rises} of ${total}: ${step.weight} %` : 'switch', asked: step.weight };
    }
    return { title: '', asked: undefined };
  });
  const first = titles.findIndex(({ title }) => title !== '');
  const stages: Stage[] = [];
  titles.forEach(({ title, asked }, index) => {
    const last = stages.at(-1);
    const own = title !== '' ? title : last === undefined ? (first < 0 ? 'rollout' : 'preparation') : last.title;
    if (last === undefined || (own !== last.title && title !== '')) stages.push({ title: own, from: index, to: index + 1, asked });
    else stages[stages.length - 1] = { ...last, to: index + 1 };
  });
  return stages;
}
