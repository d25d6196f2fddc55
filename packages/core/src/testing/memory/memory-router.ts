import type { TrafficRouter } from '../../ports/platform.js';
import type { MemoryStore } from './memory-store.js';

export const memoryRouter = (store: MemoryStore): TrafficRouter => ({
  async describe({ app: { namespace, name } }) {
    const { granularity = 'replicas', switches = true } = store.app(namespace, name).options;
    return { name: 'memory', granularity, switches };
  },

  async get({ app: { namespace, name } }) {
    return store.app(namespace, name).weight;
  },

  async set(context, weight) {
    const app = store.app(context.app.namespace, context.app.name);
    const byPods = app.splitsByPods;
    if (byPods) return app.weight;
    app.fences.claim(context, `${app.name}/router`);
    const percent = app.options.granularity === 'percent' && app.candidate?.isolated !== true;
    app.write(() => (app.routed = percent ? Math.min(100, Math.max(0, Math.round(weight))) : weight > 0 ? 100 : 0));
    return app.weight;
  },
});
