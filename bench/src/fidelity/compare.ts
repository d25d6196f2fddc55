import { type Difference, differences } from './differences.js';
import type { Note } from './probe.js';
import { runScenario } from './run-scenario.js';
import type { Scenario } from './scenario.js';
import type { Side } from './sides.js';

/** A scenario that two clusters answered differently. */
export interface Differs {
  readonly scenario: string;
  readonly differences: readonly Difference[];
}

export interface Comparison {
  readonly scenarios: number;
  readonly same: number;
  readonly differs: readonly Differs[];
}

/** So many scenarios at a time on each side: most of their time is waiting. */
const sideBySide = 12;

function compareNotes(sandbox: readonly Note[], cluster: readonly Note[]): Difference[] {
  const found = Array.from({ length: Math.max(sandbox.length, cluster.length) }, (_, index) => {
    const [a, b] = [sandbox[index], cluster[index]];
    const label = `${index + 1} ${b?.label ?? a?.label}: `;
    if (a?.label !== b?.label) return [{ at: label, sandbox: a, cluster: b }];
    // another status makes every field of the body another one
    if (typeof b?.value?.status === 'number' && a?.value?.status !== b.value.status) return [{ at: label, sandbox: a?.value, cluster: b?.value }];
    return differences(a?.value, b?.value).map((one) => ({ ...one, at: label + one.at }));
  });
  // where both broke off there is nothing to compare, and that is no agreement
  const broken = [...sandbox, ...cluster].filter(({ label }) => label === 'broken off');
  return broken.length === 2 && found.flat().length === 0 ? [{ at: 'broken off', sandbox: broken[0]?.value, cluster: broken[1]?.value }] : found.flat();
}

/** Runs scenarios on both sides and compares what they noted, each in a namespace of its own. */
export async function compare(
  scenarios: readonly Scenario[],
  sides: { readonly sandbox: Side; readonly cluster: Side },
  log: (line: string) => void,
): Promise<Comparison> {
  const run = Math.random().toString(36).slice(2, 8);
  const differs: Differs[] = [];
  const waiting = [...scenarios.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, scenario] = next;
      const namespace = `fidelity-${run}-${index}`;
      const [sandbox, cluster] = await Promise.all([runScenario(scenario, sides.sandbox, namespace), runScenario(scenario, sides.cluster, namespace)]);
      const found = compareNotes(sandbox, cluster);
      if (found.length > 0) differs.push({ scenario: scenario.name, differences: found });
      log(`${found.length === 0 ? 'same   ' : 'DIFFERS'} ${scenario.name}`);
      for (const one of found) log(`  ${one.at}\n    sandbox: ${JSON.stringify(one.sandbox)}\n    cluster: ${JSON.stringify(one.cluster)}`);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  return { scenarios: scenarios.length, same: scenarios.length - differs.length, differs };
}
