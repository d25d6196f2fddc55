import type { Choice } from './choose.js';

/** Runs a bench: progress on stderr, the result on stdout. Resolves with the exit code. */
export async function run({ entry, json, ...asked }: Choice): Promise<number> {
  try {
    const { bench } = await entry.load();
    const result = await bench({ ...asked, log: (line) => console.error(line) });
    console.log(json ? JSON.stringify(result.json) : result.text);
    return result.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    return 2;
  }
}
