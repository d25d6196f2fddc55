import type { Bench } from '../bench.js';
import { compare } from './compare.js';
import { scenarios } from './scenarios/index.js';
import { clusterSide, sandboxSide } from './sides.js';

/** Of all scenarios; each one below it has to be told in the sandbox's README. */
const enough = 0.98;

/** The same questions to the sandbox and to a real API server with its controllers. */
export const bench: Bench = async ({ only, log }) => {
  const chosen = scenarios.filter(({ name }) => only === undefined || name.startsWith(only));
  if (chosen.length === 0) throw new RangeError(`no scenario begins like this [only=${only}]; there are:\n${scenarios.map(({ name }) => name).join('\n')}`);
  await using sandbox = await sandboxSide();
  await using cluster = await clusterSide();
  const comparison = await compare(chosen, { sandbox, cluster }, log);
  const { same, differs } = comparison;
  const told = differs.map(({ scenario, differences }) => `${scenario}\n${differences.map((one) => `  ${JSON.stringify(one)}`).join('\n')}`);
  return {
    json: { name: 'fidelity', ...comparison, differs: differs.map(({ scenario }) => scenario) },
    text: [...told, `${same} of ${chosen.length} scenarios are the same`].join('\n'),
    ok: same / chosen.length >= enough,
  };
};
