import { parseArgs } from 'node:util';
import { whyNoCluster } from './lab/why-no-cluster.js';

/** What the command line asked for. */
export interface Choice {
  readonly name: 'traffic';
  readonly json: boolean;
  readonly only: string | undefined;
}

const usage = 'usage: npm run bench -- traffic [--json] [--only STRATEGY/RELEASE]';

/** What to run; a text says why nothing can be. Imports no package of ours, so that it answers before anything is built. */
export function choose(args: readonly string[]): Choice | string {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
    });
    if (positionals.length !== 1 || positionals[0] !== 'traffic') return `unknown bench: ${positionals.join(' ') || '(none)'}\n${usage}`;
    const why = whyNoCluster();
    return why === undefined ? { name: 'traffic', json: values.json, only: values.only } : `bench traffic: ${why}`;
  } catch (error) {
    return `${(error as Error).message}\n${usage}`;
  }
}
