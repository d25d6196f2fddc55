import { expect, test } from 'vitest';
import { Canary, defineStep, type ObservedRollout, type Observer, type Outcome, type RolloutEvent, Shepherd } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';

const strategy = () => new Canary({ stages: [50, 100], interval: '1m', analysis: false });
const actor = { name: 'test', kind: 'human' } as const;

/** Keeps what it hears. */
function recorder(more: Partial<Observer> = {}) {
  const heard: { readonly event: RolloutEvent; readonly rollout: ObservedRollout }[] = [];
  const left: Outcome[] = [];
  const observer: Observer = {
    specificationVersion: 'v1',
    name: 'recorder',
    observe: (event, rollout) => void heard.push({ event, rollout }),
    left: (outcome) => void left.push(outcome),
    ...more,
  };
  return { observer, heard, left };
}

test('an observer hears every event in order, with the rollout as it was then', async () => {
  const { observer, heard, left } = recorder();
  const shepherd = new Shepherd({ platform: createMemoryPlatform({ replicas: 4 }), observers: [observer], actor });
  const rollout = shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: strategy(), reason: 'because', metadata: { ticket: '7' } });
  const events: RolloutEvent[] = [];
  for await (const event of rollout) if (!event.transient) events.push(event);
  await rollout.outcome;
  const lasting = heard.filter(({ event }) => !event.transient);
  expect(lasting.map(({ event }) => event)).toEqual(events);
  for (const { event, rollout: seen } of lasting) expect(seen.events.at(-1)?.sequence).toBeGreaterThanOrEqual(event.sequence);
  expect(heard[0]?.rollout).toMatchObject({ id: rollout.id, by: actor, strategy: 'canary', reason: 'because', metadata: { ticket: '7' }, lockWaitMs: 0 });
  expect(left).toEqual([]);
  await shepherd.close();
});

const broken: readonly (readonly [string, Partial<Observer>])[] = [
  [
    'throws',
    {
      observe: () => {
        throw new Error('no room');
      },
      childEnv: () => {
        throw new Error('no room');
      },
    },
  ],
  ['rejects', { observe: () => Promise.reject(new Error('no room')) }],
  ['never answers, and never closes', { observe: () => new Promise(() => undefined), [Symbol.asyncDispose]: () => new Promise(() => undefined) }],
];

test.each(broken)('one that %s changes nothing about a rollout, nor how long it takes', async (name, more) => {
  const run = async (observers: readonly Observer[]) => {
    const platform = createMemoryPlatform({ replicas: 4 });
    const shepherd = new Shepherd({ platform, observers, actor });
    const troubles: string[] = [];
    shepherd.on('listener-error', ({ listener, message }) => void troubles.push(`${listener}: ${message}`));
    const outcome = await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: strategy() }).outcome;
    await shepherd.close();
    return { kind: outcome.kind, ms: outcome.ms, troubles };
  };
  const { observer } = recorder(more);
  const [without, with_] = [await run([]), await run([observer])];
  expect({ kind: with_.kind, ms: with_.ms }).toEqual({ kind: without.kind, ms: without.ms });
  expect(with_.troubles.length > 0).toBe(name !== 'never answers, and never closes');
  for (const trouble of with_.troubles) expect(trouble).toBe('observer recorder: no room');
});

test('what works for a step gets what an observer says to child processes, and who the change is for', async () => {
  const seen: unknown[] = [];
  const step = defineStep<null>({
    use: 'acme/look',
    timeout: '1m',
    run: async (_input, { trace }) => void seen.push(trace),
  });
  const platform = createMemoryPlatform({ replicas: 4 });
  const written: unknown[] = [];
  const releases = new Proxy(platform.releases, {
    get: (target, key) => {
      const value = Reflect.get(target, key, target) as unknown;
      if (key !== 'apply') return typeof value === 'function' ? value.bind(target) : value;
      return (context: { readonly note?: unknown }, ...rest: [never, never]) => {
        written.push(context.note);
        return target.apply(context as never, ...rest);
      };
    },
  });
  const { observer } = recorder({ childEnv: (id) => ({ TRACEPARENT: `of ${id}` }) });
  const shepherd = new Shepherd({ platform: { ...platform, releases }, observers: [observer], extensions: [step], actor });
  const hooks = { beforeTraffic: [step(null)] };
  const outcome = await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: strategy(), hooks, reason: 'because' }).outcome;
  expect(seen).toEqual([{ TRACEPARENT: `of ${outcome.rolloutId}` }]);
  expect(written).toEqual([{ strategy: 'canary', by: actor, from: outcome.from, to: outcome.to, reason: 'because' }]);
  await shepherd.close();
});

test('who only follows hears nothing; who takes over hears what happens from then on', async () => {
  const platform = createMemoryPlatform({ replicas: 4 });
  const [first, second] = [recorder(), recorder()];
  const one = new Shepherd({ platform, observers: [first.observer], actor });
  const two = new Shepherd({ platform, observers: [second.observer], actor });
  const rollout = one.deploy({ app: 'web', release: { version: '2' }, strategy: strategy() });
  await rollout.started;
  const handle = await two.get(rollout.id);
  for await (const event of rollout) if (event.type === 'weight-change') break;
  expect(first.heard.length).toBeGreaterThan(0);
  expect(second.heard).toEqual([]);
  await one.close();
  expect(first.left).toMatchObject([{ kind: 'detached', final: false }]);
  await handle.resume();
  expect((await handle.outcome).kind).toBe('succeeded');
  expect(second.heard[0]?.event.type).toBe('driver-change');
  expect(second.heard[0]?.rollout.events[0]?.type).toBe('rollout-start');
  expect(second.heard.at(-1)?.event.type).toBe('rollout-end');
  await two.close();
});

test('what is no observer is refused', () => {
  const options = { platform: createMemoryPlatform(), observers: [{ name: 'x' } as never] };
  expect(() => new Shepherd(options)).toThrow(/observers\.0/);
});
