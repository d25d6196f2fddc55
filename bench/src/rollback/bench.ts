import type { Bench } from '../bench.js';
import { type Lab, openLab, strategyNames } from '../lab/index.js';
import { table } from '../table.js';
import { measureChart } from './chart.js';
import { measureGone } from './gone.js';
import type { RollbackRow } from './row.js';
import { measureUp } from './up.js';

interface Part {
  readonly name: string;
  readonly run: (lab: Lab, log: (line: string) => void) => Promise<RollbackRow>;
}

const parts: readonly Part[] = [
  ...strategyNames.map((strategy): Part => ({ name: `up/${strategy}`, run: (lab, log) => measureUp(lab, strategy, log) })),
  ...strategyNames.map((strategy): Part => ({ name: `gone/${strategy}`, run: (lab, log) => measureGone(lab, strategy, log) })),
  ...(['helm', 'helm4'] as const).map((binary): Part => ({ name: `gone/${binary}`, run: (lab, log) => measureChart(lab, binary, log) })),
];

/** Rollbacks under load on a real cluster, beside those of other tools. `only`: the name of a part (`gone/helm`), or its beginning (`up/`). */
export const bench: Bench = async ({ only = '', log }) => {
  const chosen = parts.filter(({ name }) => (only.endsWith('/') ? name.startsWith(only) : only === '' || name === only));
  if (chosen.length === 0) throw new RangeError(`rollback has no part ${only}: ${parts.map(({ name }) => name).join(', ')}`);
  await using lab = await openLab();
  const rows: RollbackRow[] = [];
  const errors: { readonly part: string; readonly message: string }[] = [];
  for (const part of chosen) {
    try {
      rows.push(await part.run(lab, log));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      errors.push({ part: part.name, message });
      log(`${part.name} could not be measured: ${message}`);
    }
  }
  const json = { name: 'rollback', rows, ...(errors.length === 0 ? {} : { errors }) };
  return { json, text: table(rows.map(({ pairs: _pairs, ...row }) => row)), ok: errors.length === 0 && rows.every(({ failed }) => failed === 0) };
};
