import { exitCodeOf, formatMs, Shepherd } from '@shepherd/core';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { prometheus } from '@shepherd/prometheus';
import { createSandbox } from '@shepherd/sandbox';
import { personHere } from '../actor.js';
import { loadSettings } from '../config/load-config.js';
import type { SimulateFlags } from '../flags/flags.js';
import { simulated, simulateInput } from '../flags/simulate-input.js';
import { follow } from '../follow.js';
import { withInterrupt } from '../interrupt.js';
import { planText } from '../render/plan-text.js';
import { makeView } from '../render/view.js';
import type { World } from '../world.js';

/** Until Prometheus has some samples of the app that serves. */
const warmUpMs = 120_000;

/** Plays a release in a sandbox in virtual time, with the real engine and adapters: its plan, its events, how it ends and what its users saw. */
export async function simulate(flags: SimulateFlags, world: World): Promise<number> {
  const { io } = world;
  const { request, replicas, rate, seed, before, after } = simulateInput(flags, await loadSettings(flags, io));
  const json = flags.json === true;
  return withInterrupt(io, async (interrupt) => {
    await using sandbox = await createSandbox({ seed });
    const { connection } = sandbox;
    const { clock } = connection;
    const { namespace, name } = simulated;
    sandbox.image(simulated.before, before);
    sandbox.image(simulated.after, after);
    await sandbox.install({ name, namespace, image: simulated.before, replicas });
    await using shepherd = new Shepherd<KubeRelease>({
      actor: personHere(io.env),
      platform: kubernetes({ ...connection, namespace }),
      metrics: prometheus(sandbox.prometheus),
      clock,
    });
    const load = sandbox.load(`${namespace}/${name}`, { rate });
    await clock.sleep(warmUpMs, interrupt.abortSignal);
    const { requests: earlier, failed: failedEarlier } = load.soFar();
    const plan = await shepherd.plan(request, { signal: interrupt.abortSignal });
    if (!json) io.stdout.write(`${planText(plan, io.stdout.columns)}\n\n`);
    const rollout = shepherd.deploy(request, { signal: interrupt.abortSignal, whenPaused: 'leave', expect: plan.hash });
    // Virtual time passes too fast to be looked at.
    const output = { ...world.output, format: json ? world.output.format : ('plain' as const) };
    const played = { ...world, output, clock };
    const followed = await follow(rollout, played, { view: makeView(played, { planShown: true }), interrupt, ask: false });
    const { outcome } = followed;
    const all = await load.stop();
    const traffic = { requests: all.requests - earlier, failed: all.failed - failedEarlier, newVersion: all.byImage[simulated.after] ?? 0 };
    const exitCode = exitCodeOf(outcome);
    if (json) io.stdout.write(`${JSON.stringify({ ...followed.ledger.result(outcome, { exitCode, at: clock.now().toISOString() }), traffic })}\n`);
    else {
      if (outcome.kind === 'failed-untouched') io.stderr.write(`${outcome.error.code}: ${outcome.error.message}\n  fix: ${outcome.error.remedy}\n`);
      io.stdout.write(`${traffic.requests} requests in ${formatMs(outcome.ms)}, ${traffic.newVersion} answered by the new version; ${traffic.failed} failed\n`);
    }
    return exitCode;
  });
}
