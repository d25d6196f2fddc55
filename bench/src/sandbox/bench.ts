import type { Bench } from '../bench.js';
import { table } from '../table.js';
import { measureSandbox } from './sandbox.js';

export const bench: Bench = async (run) => {
  const result = await measureSandbox(run);
  const facts = Object.entries(result.facts).map(([name, value]) => `${name} ${value}`);
  return { json: result, text: `${table(result.figures.map((figure) => ({ ...figure })))}\n${facts.join(', ')}`, ok: result.held === result.figures.length };
};
