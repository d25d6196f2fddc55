import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatOutcome, type Outcome, Shepherd } from '../index.js';
import { createMemoryPlatform, type MemoryCall, type MemoryPlatform, type MemoryVersion, VirtualClock } from '../testing/index.js';

const behaviours = {
  good: {},
  slow: { startupMs: 60_000 },
  doomed: { doomed: 'CrashLoopBackOff' },
  sick: { reply: () => ({ status: 503 }) },
  crashes: { crashesAfterMs: 25_000 },
  nowhere: { doomed: 'Unschedulable: 0/3 nodes are available' },
} as const satisfies Readonly<Record<string, MemoryVersion>>;
type Behaviour = keyof typeof behaviours;
const verifies: ReadonlySet<Behaviour> = new Set(['good', 'slow']);
const leaseMs = 15_000;

const hash = (version: number): string => `hash-${version}`;

const script = fc.record({
  /** Revisions before the one that serves, newest first. */
  before: fc.array(
    fc.record({ does: fc.constantFrom(...(Object.keys(behaviours) as Behaviour[])), mark: fc.constantFrom('verified', 'verified', 'verified', 'bad', 'none') }),
    { minLength: 1, maxLength: 6 },
  ),
  minutes: fc.integer({ min: 1, max: 30 }),
  replicas: fc.integer({ min: 1, max: 4 }),
  /** The process dies at its so many-th call, then the one that takes over, and so on. */
  deaths: fc.array(fc.integer({ min: 5, max: 150 }), { maxLength: 2 }),
});
type Script = typeof script extends fc.Arbitrary<infer T> ? T : never;

function world({ before, replicas }: Script, clock: VirtualClock): MemoryPlatform {
  const numbers = before.map((_, index) => before.length - index);
  const versions = Object.fromEntries(before.map(({ does }, index) => [String(numbers[index]), behaviours[does]]));
  const platform = createMemoryPlatform({ clock, replicas, leaseMs, version: '9', versions });
  const app = platform.app();
  for (const number of numbers.toReversed()) app.remember(String(number));
  app.remember('9');
  before.forEach(({ mark }, index) => {
    if (mark === 'verified') app.marks.set(hash(numbers[index] as number), { verified: true });
    if (mark === 'bad') app.marks.set(hash(numbers[index] as number), { bad: 'once' });
  });
  return platform;
}

interface Ran {
  readonly outcome: Outcome;
  /** Hashes that were written to stable, over all processes, each attempt once. */
  readonly attempts: readonly string[];
  readonly endedMs: number;
  readonly takenOverMs: number;
}

/** Rolls back in a process that dies, then in the one that takes over, until one comes to the end. */
async function play(platform: MemoryPlatform, { minutes, deaths }: Script): Promise<Ran> {
  const written: string[] = [];
  const connect = (diesAt: number): { readonly connection: MemoryPlatform; readonly death: Promise<'died'> } => {
    let calls = 0;
    let die: (died: 'died') => void = () => undefined;
    const death = new Promise<'died'>((resolve) => (die = resolve));
    const note = ({ name, args }: MemoryCall): void => {
      if (name === 'releases.restore' && written.at(-1) !== args[0]) written.push(String(args[0]));
    };
    const connection = platform.connect((call, when) => {
      calls += 1;
      if (calls > diesAt) {
        die('died');
        return new Promise<void>(() => undefined);
      }
      if (when === 'before') note(call);
    });
    return { connection, death };
  };
  let takenOverMs = 0;
  for (let life = 0; ; life += 1) {
    const { connection, death } = connect(deaths[life] ?? Number.POSITIVE_INFINITY);
    const shepherd = new Shepherd({ platform: connection, actor: { name: `life ${life}`, kind: 'service' } });
    const run = async (): Promise<Outcome> => {
      if (life === 0) return shepherd.rollback({ app: 'web', timeout: `${minutes}m` }).outcome;
      for await (const rollout of shepherd.recover()) return rollout.outcome;
      // It ended it and did not say so any more, or died before it wrote anything.
      const ended = await shepherd.get('web').catch(() => undefined);
      if (ended !== undefined) return ended.outcome;
      return shepherd.rollback({ app: 'web', timeout: `${minutes}m` }).outcome;
    };
    const outcome = await Promise.race([run(), death]);
    if (outcome !== 'died') return { outcome, attempts: written, endedMs: platform.clock.monotonicMs(), takenOverMs };
    await platform.clock.sleep(leaseMs + 1_000);
    takenOverMs = platform.clock.monotonicMs();
  }
}

test('a cascade ends: never a hash twice, never a bad one, never past its deadline, at the first that verifies (RR PT-11)', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (given) => {
      const clock = new VirtualClock({ auto: true });
      const platform = world(given, clock);
      const wanted = given.before.map((each, index) => ({ ...each, hash: hash(given.before.length - index) })).filter(({ mark }) => mark === 'verified');
      const { outcome, attempts, endedMs, takenOverMs } = await play(platform, given);
      clock[Symbol.dispose]();
      const told = formatOutcome(outcome);
      expect(outcome.final, told).toBe(true);
      expect(attempts, told).toEqual([...new Set(attempts)]);
      expect(attempts, told).toEqual(wanted.slice(0, Math.min(3, attempts.length)).map((each) => each.hash));
      if (wanted.length === 0) {
        expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_REVISION_NOT_FOUND' } });
        return;
      }
      // Whoever takes over after the deadline needs a moment to see it; a read that is under way may end.
      const startedMs = endedMs - outcome.ms;
      expect(endedMs, told).toBeLessThanOrEqual(Math.max(startedMs + given.minutes * 60_000, takenOverMs) + 5_000);
      const stops = wanted.slice(0, 3).findIndex(({ does }) => does === 'nowhere' || verifies.has(does));
      const end = stops < 0 ? undefined : wanted[stops];
      if (outcome.kind === 'succeeded') expect(outcome.to?.hash, told).toBe(end?.hash);
      else {
        expect(outcome, told).toMatchObject({ kind: 'rollback-failed', error: { code: 'ERR_ROLLBACK_FAILED' } });
        // All that was tried is told, with why.
        expect(outcome.attempts?.map(({ revision }) => revision.hash) ?? []).toEqual(attempts);
        const late = outcome.kind === 'rollback-failed' && outcome.error.code === 'ERR_ROLLBACK_FAILED' && outcome.error.facts.why === 'deadline';
        if (end !== undefined && verifies.has(end.does)) expect(late, told).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
