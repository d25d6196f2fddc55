import { ShepherdError } from '../errors/shepherd-error.js';
import type { GateDecision, Moment } from '../extend/define-gate.js';
import type { Use } from '../extend/definition.js';
import { untilAborted } from '../internal/until-aborted.js';
import { toMs } from '../words/duration.js';
import type { Driver } from './driver.js';
import { waitedFor } from './wait-for-people.js';

/** The veto of a gate. */
export interface Veto {
  readonly gate: string;
  readonly reason: string;
  readonly nextOpen?: string | undefined;
}

/** Asks every gate of this moment; resolves when all let go on. A gate that throws holds. @returns the veto, if there is one */
export async function askGates(driver: Driver, moment: Moment): Promise<Veto | undefined> {
  for (const use of driver.keeper.record.request.gates ?? []) {
    const code = driver.registry.code(use);
    if (!code.at.includes(moment)) continue;
    const decision = await askGate(driver, use, moment);
    if (decision.kind !== 'veto') continue;
    const { reason, nextOpen } = decision;
    return { gate: use.use, reason, ...(nextOpen === undefined ? {} : { nextOpen }) };
  }
  return undefined;
}

async function askGate(driver: Driver, use: Use<'gate'>, moment: Moment): Promise<GateDecision> {
  const { keeper, clock, registry } = driver;
  const code = registry.code(use);
  const input = await registry.input(use);
  // After a takeover the wait that is stored goes on, with the deadline that it had.
  const stored = keeper.record.waiting;
  const mine = stored?.on === 'gate' && stored.gate === use.use ? stored : undefined;
  const until = mine === undefined ? clock.now().getTime() + toMs(code.timeout) : Date.parse(mine.until);
  const since = stored?.since ?? clock.now().toISOString();
  let held = mine?.reason;
  const ask = async (): Promise<GateDecision> => {
    const { plan, weight, request } = keeper.record;
    const [late, done] = [new AbortController(), new AbortController()];
    const signal = AbortSignal.any([driver.signal, late.signal]);
    clock.sleep(Math.max(0, until - clock.now().getTime()), done.signal).then(
      () => late.abort(new Error(`no answer within ${code.timeout}`)),
      () => undefined,
    );
    try {
      return await untilAborted(code.run(input, { ...driver.read, signal, moment, plan, weight, metadata: request.metadata ?? {} }), signal);
    } catch (error) {
      driver.signal.throwIfAborted();
      if (late.signal.aborted) return { kind: 'hold', reason: 'it does not answer' };
      return { kind: 'hold', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      done.abort();
    }
  };
  const end = (decision: GateDecision): Promise<void> => keeper.commit(waitedFor(keeper.record, clock.now()), [{ type: 'gate-end', gate: use.use, decision }]);
  for (;;) {
    const decision = await ask();
    if (decision.kind !== 'hold') {
      if (held !== undefined || decision.kind === 'veto' || isNewOverride(driver, use.use, decision)) await end(decision);
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
        gate: use.use,
        reason: decision.reason,
        until: new Date(until).toISOString(),
        onTimeout: code.onTimeout === 'proceed' ? 'continue' : 'rollback',
        by: driver.actor,
        since,
      } as const;
      await keeper.commit({ waiting }, [{ type: 'gate-hold', gate: use.use, reason: decision.reason, until: waiting.until }]);
      held = decision.reason;
    }
    await clock.sleep(Math.min(toMs(code.every), Math.max(1, until - clock.now().getTime())), driver.signal);
  }
}

/** An override is said once. */
const isNewOverride = ({ keeper }: Driver, gate: string, decision: GateDecision): boolean =>
  decision.kind === 'proceed' &&
  decision.overridden !== undefined &&
  !keeper.record.events.some(
    (event) => event.type === 'gate-end' && event.gate === gate && event.decision.kind === 'proceed' && event.decision.overridden !== undefined,
  );

/** A veto before the first step: nothing of the app was written, so nothing is taken back. */
export const gateClosed = ({ gate, reason, nextOpen }: Veto): ShepherdError =>
  new ShepherdError('ERR_GATE_CLOSED', `${gate}: ${reason}`, {
    facts: { gate, reason, ...(nextOpen === undefined ? {} : { nextOpen }) },
    remedy: `deploy again ${nextOpen === undefined ? 'once the gate lets it' : `from ${nextOpen} on`}; a rollback passes no gate`,
  });
