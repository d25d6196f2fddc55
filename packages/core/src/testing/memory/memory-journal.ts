import { ShepherdError } from '../../errors/shepherd-error.js';
import { defaultMaxBytes } from '../../journal/compact.js';
import { refuseRecord } from '../../journal/room.js';
import type { Journal, Saved } from '../../ports/journal.js';
import type { AppState, Letter, MemoryStore } from './memory-store.js';

const savedOf = ({ record }: AppState): Saved | undefined =>
  record === undefined ? undefined : { record: JSON.parse(record.text) as unknown, version: String(record.version) };

/** What this process was given of a mailbox, and has not taken again since. */
type Given = Map<AppState, { readonly fence: number; readonly letters: readonly Letter[] }>;

/** Records are kept as JSON text, so that nobody shares an object with the store. */
export const memoryJournal = (store: MemoryStore, given: Given = new Map()): Journal => ({
  maxBytes: defaultMaxBytes,

  async load({ app }) {
    return savedOf(store.state(app));
  },

  async save(context, record, ifVersion) {
    const state = store.state(context.app);
    const stored = savedOf(state)?.version;
    if (stored !== ifVersion) {
      throw new ShepherdError('ERR_CONFLICT', `the journal of ${context.app.name} has version ${stored ?? 'none'}, expected ${ifVersion ?? 'none'}`, {
        facts: { object: `journal of ${context.app.name}`, reason: 'somebody else wrote it' },
        remedy: 'see who drives the rollout',
      });
    }
    state.fences.claim(context, 'journal');
    const text = JSON.stringify(record);
    refuseRecord(`of ${context.app.name}`, text, defaultMaxBytes);
    state.record = { text, version: (state.record?.version ?? 0) + 1 };
    state.changes.notify();
    return savedOf(state) as Saved;
  },

  async fence(context) {
    const { fences } = store.state(context.app);
    for (const object of ['journal', 'mailbox']) fences.claim(context, object);
  },

  async *watch({ app, clock, signal }) {
    const state = store.state(app);
    let last: string | undefined;
    while (!signal.aborted) {
      const saved = savedOf(state);
      if (saved === undefined || saved.version === last) await state.changes.next(clock, signal);
      else yield saved;
      last = saved?.version;
    }
  },

  async *list(namespaces, signal) {
    for (const [{ namespace, name }, { record }] of store.states()) {
      signal.throwIfAborted();
      if (record !== undefined && namespaces?.includes(namespace) !== false) yield { namespace, name };
    }
  },

  async post({ app }, command) {
    const state = store.state(app);
    state.mailbox = [...state.mailbox, { text: JSON.stringify(command) }];
  },

  async take(context) {
    const state = store.state(context.app);
    state.fences.claim(context, 'mailbox');
    const before = given.get(state);
    const done = before?.fence === context.fence ? before.letters : [];
    state.mailbox = state.mailbox.filter((letter) => !done.includes(letter));
    given.set(state, { fence: context.fence, letters: state.mailbox });
    return state.mailbox.map(({ text }) => JSON.parse(text) as unknown);
  },
});
