import type { Choice } from './choose.js';
import { printTraffic } from './print-traffic.js';
import { traffic } from './traffic.js';

/** Runs a bench: progress on stderr, the result on stdout. Resolves with the exit code. */
export async function run({ json, only }: Choice): Promise<number> {
  try {
    const result = await traffic({ only, log: (line) => console.error(line) });
    console.log(json ? JSON.stringify(result) : printTraffic(result));
    return result.errors.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    return 2;
  }
}
