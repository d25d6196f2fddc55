import { type Note, Probe } from './probe.js';
import type { Scenario } from './scenario.js';
import type { Side } from './sides.js';

/** What a scenario noted on one side; where it broke off, the last note says why. */
export async function runScenario(scenario: Scenario, side: Side, namespace: string): Promise<readonly Note[]> {
  const probe = new Probe(side.url, namespace);
  try {
    await probe.need('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    await scenario.run(probe);
  } catch (error) {
    probe.note('broken off', (error as Error).message);
  } finally {
    await probe.call('DELETE', '/api/v1/namespaces/{ns}').catch(() => undefined);
  }
  return probe.notes;
}
