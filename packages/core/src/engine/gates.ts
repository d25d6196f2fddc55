import type { GateDecision, Moment } from '../extend/define-gate.js';
import type { Use } from '../extend/definition.js';
import { toMs } from '../words/duration.js';
import type { Driver } from './driver.js';

/** Asks every gate of this moment; resolves when all let go on. A gate that throws holds. @returns the veto, if there is one */
export async function askGates(driver: Driver, moment: Moment): Promise<{ readonly gate: string; readonly reason: string } | undefined> {
  for (const use of driver.keeper.record.request.gates ?? []) {
    const code = driver.registry.code(use);
    if (!code.at.includes(moment)) continue;
    const decision = await askGate(driver, use, moment);
    if (decision.kind === 'veto') return { gate: use.use, reason: decision.reason };
  }
  return undefined;
}

async function askGate(driver: Driver, use: Use<'gate'>, moment: Moment): Promise<GateDecision> {
  const { keeper, clock, registry } = driver;
  const code = registry.code(use);
  const input = await registry.input(use);
  const until = clock.now().getTime() + toMs(code.timeout);
  const ask = async (): Promise<GateDecision> => {
    const { plan, weight, request } = keeper.record;
    try {
      return await code.run(input, { ...driver.read, moment, plan, weight, metadata: request.metadata ?? {} });
    } catch (error) {
      driver.signal.throwIfAborted();
      return { kind: 'hold', reason: error instanceof Error ? error.message : String(error) };
    }
  };
  let held = '';
  const since = clock.now().getTime();
  // The rollout's deadline stands still while a gate holds, which has a deadline of its own.
  const end = (decision: GateDecision): Promise<void> =>
    keeper.commit({ waiting: undefined, deadline: new Date(Date.parse(keeper.record.deadline) + clock.now().getTime() - since).toISOString() }, [
      { type: 'gate-end', gate: use.use, decision },
    ]);
  for (;;) {
    const decision = await ask();
    if (decision.kind !== 'hold') {
      if (held !== '' || decision.kind === 'veto') await end(decision);
      return decision;
    }
    if (clock.now().getTime() >= until) {
      const last: GateDecision =
        code.onTimeout === 'proceed' ? { kind: 'proceed' } : { kind: 'veto', reason: `not open within ${code.timeout}: ${decision.reason}` };
      await end(last);
      return last;
    }
    if (decision.reason !== held) {
      const waiting = {
        on: 'gate',
        reason: decision.reason,
        until: new Date(until).toISOString(),
        onTimeout: code.onTimeout === 'proceed' ? 'continue' : 'rollback',
        by: driver.actor,
      } as const;
      await keeper.commit({ waiting }, [{ type: 'gate-hold', gate: use.use, reason: decision.reason, until: waiting.until }]);
      held = decision.reason;
    }
    await clock.sleep(Math.min(toMs(code.every), Math.max(1, until - clock.now().getTime())), driver.signal);
  }
}
