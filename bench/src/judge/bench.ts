import { mkdir, writeFile } from 'node:fs/promises';
import type { Bench } from '../bench.js';
import { table } from '../table.js';
import { chart } from './chart.js';
import { measure } from './measure.js';
import { page } from './page.js';

const directory = new URL('../../../docs/benchmarks/', import.meta.url);

export const bench: Bench = async (run) => {
  const seen = await measure(run);
  const holds = seen.gates.every((gate) => gate.holds);
  if (run.write) {
    if (run.only !== undefined) throw new RangeError('--write needs all parts, so no --only');
    await mkdir(directory, { recursive: true });
    await writeFile(new URL('judge.md', directory), page(seen));
    await writeFile(new URL('judge.svg', directory), chart(seen.summaries));
  }
  const { rows, ...rest } = seen;
  const text = [seen.summaries, seen.gates].filter((list) => list.length > 0).map((list) => table(list.map((each) => ({ ...each }))));
  return { json: { name: 'judge', ...rest, rows, holds } as { readonly name: string }, text: [...text, JSON.stringify(seen.facts)].join('\n\n'), ok: holds };
};
