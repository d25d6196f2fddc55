import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveSurge, replicaRatio } from '../plan/realise.js';
import type { Target, Track } from '../plan/situation.js';
import type { TrackName } from '../words/revision.js';
import { nextScale } from './move-weight.js';

const tracks = ['stable', 'candidate'] as const;
type Pods = Record<TrackName, { wanted: number; ready: number }>;

const trackOf = ({ wanted, ready }: { wanted: number; ready: number }, hash: string): Track => ({
  revision: { hash, owner: 'test', images: [], at: '', verified: true },
  replicas: wanted,
  ready,
});

const targetOf = (replicas: number, { stable, candidate }: Pods): Target => ({
  app: { cluster: 'test', namespace: 'default', name: 'web' },
  replicas,
  stable: trackOf(stable, 'old'),
  candidate: trackOf(candidate, 'new'),
  weight: 0,
  touched: true,
  router: { name: 'test', granularity: 'replicas' },
});

/** Wants other pods; of those that go, the platform takes the unready ones first. */
const scale = (pods: Pods, track: TrackName, wanted: number): void => {
  pods[track] = { wanted, ready: Math.min(pods[track].ready, wanted) };
};

/** What happens between two acts: pods get ready or fall, each track on its own. */
const weather = fc.record({ stable: fc.integer({ min: -2, max: 4 }), candidate: fc.integer({ min: -2, max: 4 }) });
const moves = fc.record({
  replicas: fc.integer({ min: 1, max: 12 }),
  from: fc.integer({ min: 0, max: 100 }),
  to: fc.integer({ min: 0, max: 100 }),
  urgent: fc.boolean(),
});

const blow = (pods: Pods, by: Record<TrackName, number>): void => {
  for (const track of tracks) pods[track].ready = Math.max(0, Math.min(pods[track].wanted, pods[track].ready + by[track]));
};

test('no act leaves fewer ready pods than R, where there were as many, nor takes one where there are fewer (RR 7.1, PT-2)', () => {
  fc.assert(
    fc.property(moves, fc.array(weather, { maxLength: 60 }), ({ replicas, from, to, urgent }, skies) => {
      const [start, want] = [replicaRatio(replicas, from, 1), replicaRatio(replicas, to, 1)];
      const pods: Pods = { stable: { wanted: start.stable, ready: start.stable }, candidate: { wanted: start.candidate, ready: start.candidate } };
      for (const sky of skies) {
        const before = pods.stable.ready + pods.candidate.ready;
        const next = nextScale(targetOf(replicas, pods), want, urgent);
        if (next === 'done') break;
        if (next !== 'wait') {
          const grows = next.replicas > pods[next.track].wanted;
          scale(pods, next.track, next.replicas);
          expect(pods.stable.ready + pods.candidate.ready).toBeGreaterThanOrEqual(Math.min(before, replicas));
          // Going back, stable comes up beside whatever is there.
          if (grows && !urgent) expect(pods.stable.wanted + pods.candidate.wanted).toBeLessThanOrEqual(replicas + moveSurge(replicas));
        }
        blow(pods, sky);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('where pods get ready, it ends in what was wanted, in few acts (RR PT-4, PT-8)', () => {
  fc.assert(
    fc.property(moves, fc.array(weather, { maxLength: 30 }), ({ replicas, from, to, urgent }, skies) => {
      const [start, want] = [replicaRatio(replicas, from, 1), replicaRatio(replicas, to, 1)];
      const pods: Pods = { stable: { wanted: start.stable, ready: start.stable }, candidate: { wanted: start.candidate, ready: start.candidate } };
      for (let act = 0; ; act += 1) {
        expect(act).toBeLessThan(skies.length + 4 * replicas + 8);
        const next = nextScale(targetOf(replicas, pods), want, urgent);
        if (next === 'done') break;
        if (next !== 'wait') scale(pods, next.track, next.replicas);
        blow(pods, skies[act] ?? { stable: 12, candidate: 12 });
      }
      expect({ stable: pods.stable.wanted, candidate: pods.candidate.wanted }).toEqual({ stable: want.stable, candidate: want.candidate });
      expect(pods.stable.ready + pods.candidate.ready).toBe(want.stable + want.candidate);
    }),
    { numRuns: 1_000 },
  );
});

test('going back from a version of which no pod gets ready: it goes all the same (RR 7.1, step 5)', () => {
  fc.assert(
    fc.property(moves, ({ replicas, from }) => {
      const start = replicaRatio(replicas, from, 1);
      const pods: Pods = { stable: { wanted: start.stable, ready: start.stable }, candidate: { wanted: start.candidate, ready: 0 } };
      for (let act = 0; act < 4 * replicas + 8; act += 1) {
        const next = nextScale(targetOf(replicas, pods), { stable: replicas, candidate: 0 }, true);
        if (next === 'done') return;
        if (next !== 'wait') scale(pods, next.track, next.replicas);
        blow(pods, { stable: 12, candidate: 0 });
      }
      expect.unreachable('it does not end');
    }),
  );
});
