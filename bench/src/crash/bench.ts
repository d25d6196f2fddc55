import type { Bench } from '../bench.js';
import { crash } from './crash.js';
import { printCrash } from './print-crash.js';

export const bench: Bench = async (run) => {
  const result = await crash(run);
  return { json: result, text: printCrash(result), ok: result.failures.length === 0 && result.held === result.points && result.killedHeld === result.killed };
};
