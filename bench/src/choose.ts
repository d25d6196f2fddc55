import { parseArgs } from 'node:util';
import { type BenchEntry, benches } from './benches.js';
import { whyNoCluster } from './lab/why-no-cluster.js';

/** What the command line asked for. */
export interface Choice {
  readonly entry: BenchEntry;
  readonly json: boolean;
  readonly only: string | undefined;
  readonly rollouts: number | undefined;
  readonly seeds: readonly number[] | undefined;
  readonly write: boolean;
}

const usage = `usage: npm run bench -- NAME [--json] [--only PART] [--rollouts N] [--seeds 1,2] [--write]\n${Object.entries(benches)
  .map(([name, { only, cluster }]) => `  ${name.padEnd(10)} --only ${only}${cluster === 'needed' ? '  (needs a cluster)' : ''}`)
  .join('\n')}`;

/** What to run; a text says why nothing can be. */
export function choose(args: readonly string[]): Choice | string {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        rollouts: { type: 'string' },
        seeds: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    });
    const [name = ''] = positionals;
    const entry = Object.hasOwn(benches, name) ? benches[name] : undefined;
    if (positionals.length !== 1 || entry === undefined) return `unknown bench: ${positionals.join(' ') || '(none)'}\n${usage}`;
    const why = entry.cluster === 'needed' ? whyNoCluster() : undefined;
    if (why !== undefined) return `bench ${name}: ${why}`;
    const { json, only, write } = values;
    const [rollouts, seeds] = [wholes('rollouts', values.rollouts), wholes('seeds', values.seeds)];
    return { entry, json, only, write, rollouts: rollouts?.[0], seeds };
  } catch (error) {
    return `${(error as Error).message}\n${usage}`;
  }
}

/** @throws RangeError where one is no whole number above 0 */
function wholes(name: string, text: string | undefined): readonly number[] | undefined {
  const numbers = text?.split(',').map(Number);
  if (numbers?.some((number) => !(Number.isInteger(number) && number > 0))) throw new RangeError(`--${name}: ${text} is not of whole numbers above 0`);
  return numbers;
}
