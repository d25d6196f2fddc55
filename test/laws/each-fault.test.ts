import { formatOutcome } from '@shepherd/core';
import type { Fault, FaultMatch, Sandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { endOf } from './lab/end-of.js';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];

/** For twenty seconds, all requests that match; those of watches meet the ones that run. */
const lasting =
  (fault: Fault, match: FaultMatch = {}): ((sandbox: Sandbox) => unknown) =>
  (sandbox) =>
    sandbox.fault({ ...match, lasts: '20s' }, fault);

const classes: Readonly<Record<string, (sandbox: Sandbox) => unknown>> = {
  'conflicts on every write': lasting({ status: 409 }, { verb: 'patch' }),
  'lists that expire': lasting({ status: 410 }, { verb: 'list' }),
  'too many requests': lasting({ status: 429, retryAfterSeconds: 2 }),
  'internal errors': lasting({ status: 500 }),
  "a gateway's page": lasting({ status: 502, html: true }),
  'no service': lasting({ status: 503 }),
  'server timeouts': lasting({ status: 504 }),
  'no answers': lasting('hang'),
  'broken connections': lasting('reset'),
  'half of the answers lost': lasting('drop-answer', { chance: 0.5 }),
  'slow answers': lasting({ delayMs: 4_000 }),
  'stale reads': lasting({ lagMs: 5_000 }),
  'watches half-open': lasting({ watch: 'half-open' }),
  'watches broken': lasting({ watch: 'reset' }),
  'watches expired': lasting({ watch: 'error' }),
  'a history forgotten': (sandbox) => sandbox.compact(),
  'a clock five minutes ahead': (sandbox) => sandbox.skew(5 * 60_000),
  'a clock five minutes behind': (sandbox) => sandbox.skew(-5 * 60_000),
};

test.each(strategies.flatMap((strategy) => Object.entries(classes).map(([name, strike]) => ({ kind: strategy.kind, name, strategy, strike }))))(
  '$kind under $name: an end in bounded time, no request lost, nothing left (RR PT-8)',
  async ({ strategy, strike }) => {
    await using world = await World.open({ replicas: 3 });
    // So that what is stale shows the app.
    await world.sleep(30_000);
    await using shepherd = world.shepherd();
    const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
    await world.sleep(4_000);
    strike(world.sandbox);
    const outcome = await endOf(world, rollout.outcome, 20, 3);
    const told = formatOutcome(outcome);
    expect(world.witness.breaches).toEqual([]);
    expect(world.load.soFar().failed, told).toBe(0);
    expect(['succeeded', 'rolled-back', 'failed-untouched'], told).toContain(outcome.kind);
    expect(await world.untidy(outcome.kind === 'succeeded' ? 'good' : 'old', 3), told).toEqual([]);
  },
);
