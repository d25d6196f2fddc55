import { nameOf, type Scenario, scenarios } from '../scenario.js';
import type { Kill } from './runner.js';

/** A scenario and the kills in it. */
export interface Point {
  readonly scenario: Scenario;
  readonly kills: readonly Kill[];
}

/** For people, and for `--only`: `canary/good/after:123`, two kills as `before:40+after:12`. */
export const formatPoint = ({ scenario, kills }: Point): string => `${nameOf(scenario)}/${kills.map(({ side, call }) => `${side}:${call}`).join('+')}`;

/** What `--only` may ask of the part that runs in this process. */
export type Asked = { readonly scenarios: readonly Scenario[]; readonly every: boolean } | Point;

/** `canary`, `canary/good`, `canary/good/every`, or a point as it is printed. @throws RangeError for anything else */
export function parseAsked(text: string): Asked {
  const [strategy, release, rest] = text.split('/');
  const found = scenarios.filter((each) => each.strategy === strategy && (release === undefined || each.release === release));
  const [scenario] = found;
  if (scenario === undefined) throw new RangeError(`crash knows no ${text}; there are ${scenarios.map(nameOf).join(', ')}, children and cluster`);
  if (rest === undefined || rest === 'every') return { scenarios: found, every: rest === 'every' };
  return { scenario, kills: rest.split('+').map(parseKill) };
}

function parseKill(text: string): Kill {
  const [, side, call] = /^(before|after):(\d+)$/.exec(text) ?? [];
  if (side === undefined) throw new RangeError(`${text} is no kill: before:12 or after:12`);
  return { side: side as Kill['side'], call: Number(call) };
}
