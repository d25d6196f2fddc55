import { formatOutcome, Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { demoTable } from '../demo/demo-table.js';
import { type DemoView, makeDemoView } from '../demo/demo-view.js';
import { install, makeNamespace } from '../demo/install.js';
import { type Released, rate, runRelease } from '../demo/run-release.js';
import { behaviour, firstVersion, type Lane, lanes, replicas } from '../demo/scenarios.js';
import { signalCode, withInterrupt } from '../interrupt.js';
import type { World } from '../world.js';

const namespace = 'demo';
const imageOf = (lane: Lane, version: string): string => `demo.test/${lane.strategy}:${version}`;

/** Good and bad releases with every strategy on a cluster inside this process, under load. @returns 0 only if all ended as they should */
export async function demo({ json = false }: { readonly json?: boolean | undefined }, world: World): Promise<number> {
  const { io } = world;
  return withInterrupt(io, async (interrupt) => {
    const view = makeDemoView(world, lanes);
    await using _ = { [Symbol.asyncDispose]: () => view.close() };
    interrupt.meaning((signal) => {
      view.say(`${signal}: stopping`);
      interrupt.abort(signal);
    });
    await using sandbox = await createSandbox({ time: 'real' });
    view.say(`${lanes.length} apps of ${replicas} pods, ${2 * rate} requests/s on the one being released, all in this process`);
    const results = await allLanes(sandbox, view, interrupt.abortSignal);
    await view.close();
    if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
    return report(results, io, json);
  });
}

interface Result extends Released {
  readonly asExpected: boolean;
}

async function allLanes(sandbox: Sandbox, view: DemoView, signal: AbortSignal): Promise<readonly Result[]> {
  const { connection } = sandbox;
  await makeNamespace(connection, namespace);
  await using shepherd = new Shepherd({ platform: kubernetes({ ...connection, namespace }) });
  const one = async (lane: Lane, index: number): Promise<readonly Result[]> => {
    const name = lane.strategy;
    sandbox.image(imageOf(lane, firstVersion), behaviour);
    await install({ name, namespace, image: imageOf(lane, firstVersion), replicas }, connection);
    const url = (await sandbox.addresses(`${namespace}/${name}`))['http'];
    if (url === undefined) throw new Error(`the Service ${name} has no address`);
    const results: Result[] = [];
    for (const [at, scenario] of lane.scenarios.entries()) {
      if (signal.aborted) break;
      const image = imageOf(lane, scenario.version);
      sandbox.image(image, scenario.behaviour);
      view.release(index, scenario.release);
      const released = await runRelease({
        shepherd,
        app: name,
        image,
        url,
        scenario,
        strategy: lane.make(),
        signal,
        clock: connection.clock,
        onEvent: (event) => view.event(index, event),
        onTarget: (target) => view.target(index, target),
        onLoad: (soFar) => view.load(index, soFar),
      });
      results.push({ ...released, asExpected: released.run.outcome === scenario.expected && released.run.failed === 0 && released.run.requests > 0 });
      view.ended(index, released, at === lane.scenarios.length - 1);
    }
    return results;
  };
  const all: (readonly Result[])[] = [];
  // One after the other: side by side they would measure how many processors there are.
  for (const [index, lane] of lanes.entries()) all.push(await one(lane, index));
  // Good releases first, as the table tells the story.
  return [0, 1].flatMap((at) => all.flatMap((results) => results[at] ?? []));
}

function report(results: readonly Result[], { stdout, stderr }: World['io'], json: boolean): number {
  const wrong = results.filter(({ asExpected }) => !asExpected);
  const runs = results.map(({ run }) => run);
  stdout.write(json ? `${JSON.stringify({ runs })}\n` : `\n${demoTable(runs).join('\n')}\n\n`);
  for (const { run, outcome, failures } of wrong) {
    stderr.write(`not as it should be: ${run.strategy}, ${run.release}: ${formatOutcome(outcome)}\n  failed requests: ${JSON.stringify(failures)}\n`);
  }
  if (!json && wrong.length === 0) stdout.write('all as it should be: no request was lost, and every bad release was taken back\n');
  return wrong.length === 0 ? 0 : 1;
}
