import type { Bench } from '../bench.js';
import { openLab } from '../lab/index.js';
import { table } from '../table.js';
import { clusterFaults } from './cluster-faults.js';
import { fakeNodes } from './fake-nodes.js';
import { registryDouble } from './registry-double.js';
import { type Called, runFault } from './run-fault.js';
import { runSandboxFaults } from './sandbox-faults.js';
import { webhookDouble } from './webhook-double.js';

/** At one time: each waits for Kubernetes most of its time. */
const atOnce = 6;

const isRight = ({ expected, got }: Called): boolean => expected === got;

/** Real faults on a real cluster, and what it cannot make on a sandbox: each made, seen by Kubernetes, diagnosed once, and compared with what it is. */
export const bench: Bench = async ({ only, log }) => {
  await using lab = await openLab();
  await using registry = await registryDouble();
  await using webhooks = await webhookDouble();
  await using nodes = await fakeNodes();
  const faults = clusterFaults({ registry: registry.host, nodes, webhooks });
  const chosen = faults.filter(({ name }) => only === undefined || name === only);
  const queue = [...chosen];
  const called: Called[] = [];
  const work = async (): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const { name, code } = fault;
      const one = await runFault(lab, fault).catch(
        (error: unknown): Called => ({ fault: name, expected: code, got: `not made: ${error instanceof Error ? error.message : error}`, ms: 0, summary: '' }),
      );
      called.push(one);
      log(`${isRight(one) ? 'right' : 'WRONG'}  ${one.fault}: ${one.got}${isRight(one) ? '' : ` instead of ${one.expected}: ${one.summary}`} (${one.ms} ms)`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const onSandbox = await runSandboxFaults(only);
  if (called.length + onSandbox.length === 0) throw new RangeError(`diagnose has no fault ${only}: ${faults.map(({ name }) => name).join(', ')}`);
  const wrong = [...called, ...onSandbox].filter((one) => !isRight(one)).map(({ fault, expected, got }) => ({ fault, expected, got }));
  const json = {
    name: 'diagnose',
    faults: called.length,
    right: called.filter(isRight).length,
    sandboxFaults: onSandbox.length,
    sandboxRight: onSandbox.filter(isRight).length,
    slowestMs: Math.max(...called.map(({ ms }) => ms)),
    wrong,
  };
  const rows = [...called, ...onSandbox].toSorted((a, b) => (a.fault < b.fault ? -1 : 1)).map(({ summary: _summary, ...row }) => row);
  return { json, text: table(rows), ok: wrong.length === 0 };
};
