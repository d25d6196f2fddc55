import { type RolloutFacts, strategyIn } from '../checklist/rollout-facts.js';

/** A rollout that ended, as one line of a log: when, what, where, how, the end, the id, by whom and why. Pure. */
export function logLine({ id, by, reason, environment, plan, outcome }: RolloutFacts): string | undefined {
  if (outcome === undefined || !outcome.final) return undefined;
  const ended = new Date(Date.parse(outcome.startedAt) + outcome.ms).toISOString();
  const images = outcome.to?.images ?? plan.images ?? [];
  const [{ namespace, name }] = plan.targets;
  const where = environment ?? namespace;
  const why = reason === undefined ? '' : `: ${reason}`;
  return oneLine(`${ended}: ${name} ${images.join(', ')} to ${where} - ${strategyIn(plan)}, ${outcome.kind} (${id}, by ${by}${why})`);
}

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');
