import type { Lease, LockHolder } from '../../../ports/lock.js';
import type { TrackStatus } from '../../../ports/platform.js';
import type { MemoryPlatform } from '../../memory/memory-platform.js';
import { journalMutants } from './journal-mutants.js';
import { deaf, type Mutant, unfenced } from './mutant.js';

const lock =
  (change: (of: MemoryPlatform['lock'], platform: MemoryPlatform) => Partial<MemoryPlatform['lock']>): Mutant =>
  (platform) => ({ lock: { ...platform.lock, ...change(platform.lock, platform) } });
const releases =
  (change: (of: MemoryPlatform['releases'], platform: MemoryPlatform) => Partial<MemoryPlatform['releases']>): Mutant =>
  (platform) => ({ releases: { ...platform.releases, ...change(platform.releases, platform) } });
const tracks =
  (change: (of: MemoryPlatform['tracks'], platform: MemoryPlatform) => Partial<MemoryPlatform['tracks']>): Mutant =>
  (platform) => ({ tracks: { ...platform.tracks, ...change(platform.tracks, platform) } });
const router =
  (change: (of: MemoryPlatform['router'], platform: MemoryPlatform) => Partial<MemoryPlatform['router']>): Mutant =>
  (platform) => ({ router: { ...platform.router, ...change(platform.router, platform) } });
const autoscaler =
  (change: (of: NonNullable<MemoryPlatform['autoscaler']>, platform: MemoryPlatform) => Partial<NonNullable<MemoryPlatform['autoscaler']>>): Mutant =>
  (platform) => {
    const { autoscaler: of } = platform;
    return of === undefined ? {} : { autoscaler: { ...of, ...change(of, platform) } };
  };

const isLease = (answer: Lease | LockHolder): answer is Lease => 'fence' in answer;
const leased =
  (change: (lease: Lease) => Partial<Lease>): Mutant =>
  (platform) =>
    lock((of) => ({
      acquire: async (context, holder) => {
        const answer = await of.acquire(context, holder);
        return isLease(answer) ? { ...answer, ...change(answer) } : answer;
      },
    }))(platform);
const status =
  (change: (status: TrackStatus, count: number) => TrackStatus): Mutant =>
  (platform) =>
    tracks((of) => ({
      async *watch(context, track) {
        let count = 0;
        for await (const each of of.watch(context, track)) yield change(each, count++);
      },
    }))(platform);
/** For each case a platform that breaks its sentence, and as little else as can be. */
export const mutants: Readonly<Record<string, Mutant>> = {
  ...journalMutants,

  'lock: a free one is given, with a fence': leased(() => ({ fence: Number.NaN })),
  'lock: one that is held is not given; both ways of asking name its holder': lock((of) => ({
    read: async (context) => {
      const holder = await of.read(context);
      return holder && { ...holder, rolloutId: 'somebody' };
    },
  })),
  'lock: of several that ask at one time one gets it': lock((of) => ({
    acquire: async (context, holder) => {
      const found = await of.read(context);
      const answer = await of.acquire(context, holder);
      if (found !== undefined || isLease(answer)) return answer;
      await of.break(context, answer.rolloutId);
      return of.acquire(context, holder);
    },
  })),
  'lock: a released one is free at once, and the next fence is higher': leased(() => ({ fence: 1 })),
  'lock: whoever renews keeps it for longer than a lease': leased(() => ({ renew: async () => true })),
  'lock: whoever does not renew keeps it for the length of a lease': lock((of, { clock }) => ({
    acquire: async (context, holder) => {
      const found = await of.read(context);
      if (found !== undefined && clock.now().getTime() - Date.parse(found.since) > 5_000) await of.break(context, found.rolloutId);
      return of.acquire(context, holder);
    },
  })),
  'lock: a dead holder is followed by the next, with a higher fence, and learns of it': lock((of) => {
    const holders = new Map<string, LockHolder>();
    return {
      acquire: async (context, holder) => {
        const kept = holders.get(context.app.name);
        if (kept !== undefined) return kept;
        holders.set(context.app.name, { heldBy: holder, rolloutId: context.rolloutId, since: '' });
        return of.acquire(context, holder);
      },
    };
  }),
  'lock: a release by an earlier holder leaves it with the present one': lock((of) => ({
    acquire: async (context, holder) => {
      const answer = await of.acquire(context, holder);
      return isLease(answer) ? { ...answer, release: async () => of.break(context, (await of.read(context))?.rolloutId ?? '') } : answer;
    },
  })),
  'lock: it is broken by the exact id that holds it, and its holder learns of it': leased(() => ({ renew: async () => true })),
  'lock: it is not broken by another id': lock((of) => ({ break: async (context) => of.break(context, (await of.read(context))?.rolloutId ?? '') })),

  'releases: they accept what they release, and nothing else': releases(() => ({ accepts: () => true })),
  'releases: identify says the same each time, and tells releases apart': releases((of) => ({
    identify: async (...args) => ({ ...(await of.identify(...args)), hash: 'one for all' }),
  })),
  'releases: identify of what runs gives the hash of stable': releases((of) => ({
    identify: async (...args) => {
      const info = await of.identify(...args);
      return { ...info, hash: `${info.hash}-asked` };
    },
  })),
  'releases: identify writes nothing': releases((of, { app }) => ({
    identify: async (...args) => {
      app().replicas += 1;
      return of.identify(...args);
    },
  })),
  'releases: the candidate stands beside stable, with the hash that was said before, and stable is left alone': releases((of) => ({
    apply: async (context, release, to) => {
      await of.apply(context, release, { ...to, track: 'stable' });
      return of.apply(context, release, to);
    },
  })),
  'releases: a candidate of this rollout that is there already is a success': releases((of, { app }) => ({
    apply: async (...args) => {
      app().write(() => (app().candidate = undefined));
      return of.apply(...args);
    },
  })),
  'releases: a candidate that an earlier rollout left makes way': releases((of) => ({
    apply: (context, ...rest) => of.apply({ ...context, rolloutId: 'r' }, ...rest),
  })),
  'releases: a release on stable replaces its pods in place': releases((of, { tracks: { scale } }) => ({
    apply: async (context, release, to) => {
      await scale(context, 'stable', to.replicas - 1);
      return of.apply(context, release, to);
    },
  })),
  'releases: promote gives stable the template of the candidate and leaves its replicas alone': releases((of, { tracks: { scale } }) => ({
    promote: async (context) => {
      const revision = await of.promote(context);
      await scale(context, 'stable', 3);
      return revision;
    },
  })),
  'releases: promote without a candidate is refused': releases((of, { app }) => ({
    promote: async (context) => (app().candidate === undefined ? app().revision('1.0.0') : of.promote(context)),
  })),
  'releases: restore brings an older revision back, and again is a success': releases((of, { app }) => ({
    restore: async (context, hash) => {
      if (app().revision(app().stable?.version ?? '').hash === hash) throw new Error('it serves already');
      return of.restore(context, hash);
    },
  })),
  'releases: restore of a revision that does not exist is refused, and changes nothing': releases((_of, { app }) => ({
    restore: async () => app().revision('1.0.0'),
  })),
  'releases: the list begins with the newest and keeps the older ones': releases((of) => ({ list: async (context) => (await of.list(context)).toReversed() })),
  'releases: a revision remembers that it was verified or taken back': releases(() => ({ mark: async () => undefined })),
  'releases: a write by an earlier holder of the lock is refused': releases((of) => ({ apply: (context, ...rest) => of.apply(unfenced(context), ...rest) })),

  'tracks: an app at rest has its pods ready on stable and no candidate': tracks((of) => ({
    inspect: async (context) => {
      const found = await of.inspect(context);
      return { ...found, candidate: found.candidate ?? found.stable };
    },
  })),
  'tracks: scale stores what is wanted at once, and the pods follow': tracks((of) => ({
    scale: async (...args) => ({ ...(await of.scale(...args)), replicas: 3 }),
  })),
  'tracks: scale moves pods, not the replicas that the app is meant to have': tracks((of) => ({
    inspect: async (context) => {
      const found = await of.inspect(context);
      return { ...found, replicas: found.stable?.replicas ?? 0 };
    },
  })),
  'tracks: scale to what is there already changes nothing': tracks((of, { app }) => ({
    scale: async (context, track, replicas) => {
      app().write(() => {
        const found = app()[track];
        if (found !== undefined) found.pods = [];
      });
      return of.scale(context, track, replicas);
    },
  })),
  'tracks: each is scaled by itself, the candidate also to none': tracks((of) => ({
    scale: (context, track, replicas) => of.scale(context, track, Math.max(1, replicas)),
  })),
  'tracks: remove takes the candidate away, and a missing one is a success': tracks((of) => ({
    remove: async (context, track) => {
      if ((await of.inspect(context))[track] === undefined) throw new Error('not found');
      return of.remove(context, track);
    },
  })),
  'tracks: an isolated candidate says so, another does not': tracks((of) => ({
    inspect: async (context) => {
      const found = await of.inspect(context);
      return { ...found, candidate: found.candidate && { ...found.candidate, isolated: true } };
    },
  })),
  'tracks: a watch gives the track now, again after a change, and ends quietly with its signal': tracks((of) => ({
    async *watch(context, track) {
      for await (const each of of.watch(context, track)) yield each;
      throw new Error('aborted');
    },
  })),
  'tracks: settled means that all wanted pods run what was last written and are ready': status((each) => ({ ...each, settled: true })),
  'tracks: pods that will not get ready are doomed, with the pod, its state and a remedy': status(({ doomed, ...each }) =>
    doomed === undefined ? each : { ...each, settled: true },
  ),
  'tracks: a write by an earlier holder of the lock is refused': tracks((of) => ({ scale: (context, ...rest) => of.scale(unfenced(context), ...rest) })),

  'router: it says what it is and how finely it splits': router(() => ({ describe: async () => ({ name: '', granularity: 'percent' }) })),
  'router: without a candidate all requests go to stable': router(() => ({ get: async () => 100 })),
  'router: an isolated candidate gets nothing by being ready': router((of, { app }) => ({
    get: async (context) => (app().candidate === undefined ? of.get(context) : 50),
  })),
  'router: set moves everything to an isolated candidate and back, and answers with what it reads back': router((of) => ({
    set: async (context) => of.get(context),
  })),
  'router: set answers with the weight that is real, whatever was asked': router((of) => ({
    set: async (context, weight) => {
      await of.set(context, weight);
      return weight;
    },
  })),
  'router: set scales nothing': router((of, { tracks: { scale } }) => ({
    set: async (context, weight) => {
      await scale(context, 'candidate', Math.ceil((3 * weight) / 100));
      return of.set(context, weight);
    },
  })),
  'router: a write by an earlier holder of the lock is refused': router((of) => ({ set: (context, weight) => of.set(unfenced(context), weight) })),

  'http: every pod of a track answers, each in its own name': ({ http }) => ({
    http: (context) => async (to, path) => (await http(context)(to, path)).map((reply) => ({ ...reply, pod: 'a pod' })),
  }),
  'http: names of headers are in lower case': ({ http }) => ({
    http: (context) => async (to, path) => (await http(context)(to, path)).map((reply) => ({ ...reply, headers: { 'Content-Type': 'text/plain' } })),
  }),
  'http: the Service gives one reply': ({ http }) => ({ http: (context) => (to, path) => http(context)(to === 'service' ? 'stable' : to, path) }),
  'http: tracks are told apart': ({ http }) => ({ http: (context) => (to, path) => http(context)(to === 'candidate' ? 'stable' : to, path) }),
  'http: a call whose signal has aborted rejects': ({ http }) => ({ http: (context) => http(deaf(context)) }),
  'autoscaler: an app without one has nothing to read or hold': autoscaler(() => ({ hold: async () => ({ min: 1 }) })),
  'autoscaler: hold raises the floor to the live count, release brings it back': autoscaler((of) => ({
    release: (context, held) => (held === undefined ? of.release(context, held) : Promise.resolve()),
  })),
  'autoscaler: held again, the floor follows stable up and the original stays': autoscaler((of, platform) => ({
    hold: (context) => {
      const app = platform.app();
      if (app.autoscaler !== undefined) app.autoscaler = { ...app.autoscaler, original: app.autoscaler.min };
      return of.hold(context);
    },
  })),
  'autoscaler: what hold returned need not be there for release': autoscaler((of) => ({
    release: async (context, held) => (held === undefined ? undefined : of.release(context, held)),
  })),
  'autoscaler: a write by an earlier holder of the lock is refused': autoscaler((of) => ({ release: (context, held) => of.release(unfenced(context), held) })),
};
