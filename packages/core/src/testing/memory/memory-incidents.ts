import { ShepherdError } from '../../errors/shepherd-error.js';
import type { IncidentStore } from '../../ports/incident-store.js';
import type { MemoryStore } from './memory-store.js';

/** Records are kept as JSON text, so that nobody shares an object with the store. */
export const memoryIncidents = (store: MemoryStore): IncidentStore => ({
  async load({ app }) {
    const { incidents } = store.state(app);
    return incidents === undefined ? undefined : { record: JSON.parse(incidents.text) as unknown, version: String(incidents.version) };
  },

  async save({ app }, record, ifVersion) {
    const state = store.state(app);
    const version = state.incidents?.version;
    if ((version === undefined ? undefined : String(version)) !== ifVersion) {
      throw new ShepherdError('ERR_CONFLICT', `the incidents of ${app.name} have version ${version ?? 'none'}, expected ${ifVersion ?? 'none'}`, {
        facts: { object: `incidents of ${app.name}`, reason: 'somebody else wrote them' },
        remedy: 'read them again',
      });
    }
    state.incidents = { text: JSON.stringify(record), version: (version ?? 0) + 1 };
    return { record, version: String(state.incidents.version) };
  },

  async *list(namespaces, signal) {
    for (const [{ namespace, name }, { incidents }] of store.states()) {
      signal.throwIfAborted();
      if (incidents !== undefined && namespaces?.includes(namespace) !== false) yield { namespace, name };
    }
  },
});
