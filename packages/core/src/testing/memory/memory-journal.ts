import { ShepherdError } from '../../errors/shepherd-error.js';
import type { Journal, Saved } from '../../ports/journal.js';
import type { AppState, MemoryStore } from './memory-store.js';

const savedOf = ({ record }: AppState): Saved | undefined =>
  record === undefined ? undefined : { record: JSON.parse(record.text) as unknown, version: String(record.version) };

/** Records are kept as JSON text, so that nobody shares an object with the store. */
export const memoryJournal = (store: MemoryStore): Journal => ({
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
    state.record = { text: JSON.stringify(record), version: (state.record?.version ?? 0) + 1 };
    state.changes.notify();
    return savedOf(state) as Saved;
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
    store.state(app).mailbox.push(JSON.stringify(command));
  },

  async take(context) {
    const state = store.state(context.app);
    state.fences.claim(context, 'mailbox');
    return state.mailbox.splice(0).map((text) => JSON.parse(text) as unknown);
  },
});
