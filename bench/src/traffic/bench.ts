import type { Bench } from '../bench.js';
import { printTraffic } from './print-traffic.js';
import { traffic } from './traffic.js';

export const bench: Bench = async (run) => {
  const result = await traffic(run);
  return { json: result, text: printTraffic(result), ok: result.errors.length === 0 };
};
