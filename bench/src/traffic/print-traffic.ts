import { table } from '../table.js';
import type { TrafficResult } from './traffic.js';

const listed = (failures: Readonly<Record<string, number>>): string =>
  Object.entries(failures)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');

/** For people. */
export function printTraffic({ runs, undrained, aborts, pairs, approvedSwitch, kubectlPatch, errors }: TrafficResult): string {
  const connections = (keepAlive: boolean): string => (keepAlive ? 'kept' : 'fresh');
  const sections = [
    runs.length > 0 &&
      table(
        runs.map((row) => ({
          strategy: row.strategy,
          release: row.release,
          clients: connections(row.keepAlive),
          outcome: row.outcome,
          requests: row.requests,
          failed: row.failed,
          slow: row.slow,
          seconds: row.seconds,
          peak: row.peakPods,
          planned: row.plannedPeakPods,
          writes: row.apiWrites,
          back: row.rollbackSeconds,
          switch: row.switchSeconds,
          recognised: row.recognisedSeconds,
          kubectl: row.kubectlSeconds,
          failures: listed(row.failures),
        })),
      ),
    pairs &&
      `kubectl's rolling updates took ${pairs.kubectl.seconds.join(', ')} s (${pairs.kubectl.failed} of ${pairs.kubectl.requests} requests failed), ours ${pairs.shepherd.seconds.join(', ')} s`,
    aborts.length > 0 && `Taken back by a person:\n${table(aborts.map((each) => ({ ...each })))}`,
    approvedSwitch &&
      `Blue/green, from a person's approval to the last new connection on the old version: ${approvedSwitch.seconds} s (${approvedSwitch.failed} of ${approvedSwitch.requests} failed)`,
    kubectlPatch && `kubectl patch of a selector, to the last new connection on the old version: ${kubectlPatch.seconds.join(', ')} s`,
    undrained.length > 0 &&
      `An app that does not drain:\n${table(undrained.map(({ failures, keepAlive, ...each }) => ({ ...each, clients: connections(keepAlive), failures: listed(failures) })))}`,
    errors.length > 0 && `Could not be measured:\n${errors.map(({ part, message }) => `${part}: ${message}`).join('\n')}`,
  ];
  return sections.filter(Boolean).join('\n\n');
}
