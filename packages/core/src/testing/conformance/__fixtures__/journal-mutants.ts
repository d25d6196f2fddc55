import type { MemoryPlatform } from '../../memory/memory-platform.js';
import { deaf, type Mutant, unfenced } from './mutant.js';

const journal =
  (change: (of: MemoryPlatform['journal']) => Partial<MemoryPlatform['journal']>): Mutant =>
  ({ journal: of }) => ({ journal: { ...of, ...change(of) } });
/** Saves over whatever is stored. */
const overwriting = journal((of) => {
  const save: typeof of.save = async (context, record) => {
    const { version } = (await of.load(context)) ?? {};
    return of.save(context, record, version).catch(() => save(context, record, version));
  };
  return { save };
});

/** For each case of a journal one that breaks its sentence, and as little else as can be. */
export const journalMutants: Readonly<Record<string, Mutant>> = {
  'journal: an app without a rollout has no record': journal(() => ({ load: async () => ({ record: {}, version: '0' }) })),
  'journal: what was saved is loaded, with the version of the save': journal((of) => ({
    save: async (...args) => ({ ...(await of.save(...args)), version: '7' }),
  })),
  'journal: a record of 200 KB is kept': journal((of) => ({
    save: (context, record, version) => of.save(context, JSON.stringify(record).slice(0, 100_000), version),
  })),
  'journal: the stored record is a copy': journal((of) => {
    let kept: unknown;
    return {
      save: (context, record, version) => {
        kept = record;
        return of.save(context, record, version);
      },
      load: async (context) => {
        const saved = await of.load(context);
        return saved && { ...saved, record: kept };
      },
    };
  }),
  'journal: a first save is refused where there is a record': overwriting,
  'journal: a save over another version than the stored one is refused': overwriting,
  'journal: of several saves over one version exactly one lands': overwriting,
  'journal: a save by an earlier holder of the lock is refused': journal((of) => ({ save: (context, ...rest) => of.save(unfenced(context), ...rest) })),
  // Counts letters, not bytes.
  'journal: a record of the size that is allowed is kept, a larger one is refused': journal((of) => ({
    save: (context, record, version) => of.save(context, JSON.stringify(record).length > (of.maxBytes ?? 0) ? record : null, version),
  })),
  'journal: whatever JSON can say is loaded as it was saved': journal((of) => ({
    load: async (context) => {
      const saved = await of.load(context);
      return saved && { ...saved, record: saved.record || undefined };
    },
  })),
  'journal: once a later holder has fenced it, no save of an earlier one lands': journal(() => ({ fence: async () => undefined })),
  'journal: the fence of a later holder stands also where there is no record yet': journal((of) => ({
    fence: async (context) => ((await of.load(context)) === undefined ? undefined : of.fence?.(context)),
  })),
  'journal: once a later holder has fenced it, an earlier one takes nothing': journal((of) => ({ take: (context) => of.take(unfenced(context)) })),
  'journal: a watch never goes back, and comes to the last record': journal((of) => ({
    async *watch(context) {
      const first = await of.load(context);
      for await (const saved of of.watch(context)) {
        if (first !== undefined && first.version !== saved.version) yield first;
        yield saved;
      }
    },
  })),
  'journal: a watch gives the record now, again after a change, and ends quietly with its signal': journal((of) => ({
    async *watch(context) {
      for await (const saved of of.watch(context)) return yield saved;
    },
  })),
  'journal: a watch that began before the first record gives it': journal((of) => ({
    async *watch(context) {
      if ((await of.load(context)) !== undefined) yield* of.watch(context);
    },
  })),
  'journal: the list has the apps with a record, by namespace': journal((of) => ({ list: (_namespaces, signal) => of.list(undefined, signal) })),
  'journal: the mailbox gives what was posted, oldest first, and once': journal((of) => ({ take: async (context) => (await of.take(context)).toReversed() })),
  // Empties the mailbox with the first look.
  'journal: what a holder was given and did not take again after is given to the next holder too': journal((of) => ({
    take: async (context) => {
      const letters = await of.take(context);
      await of.take(context);
      return letters;
    },
  })),
  'journal: nothing posted at one time is lost': journal((of) => ({ take: async (context) => (await of.take(context)).slice(1) })),
  'journal: what is posted while the mailbox is taken is taken once, now or later': journal((of) => ({
    take: async (context) => {
      const letters = await of.take(context);
      return [...letters, ...letters];
    },
  })),
  'journal: a post is no save': journal((of) => ({
    post: async (context, command) => {
      await of.post(context, command);
      await of.save({ ...context, rolloutId: 'r', fence: 1 }, { command }, (await of.load(context))?.version);
    },
  })),
  'journal: a call whose signal has aborted rejects': journal((of) => ({ load: (context) => of.load(deaf(context)) })),
};
