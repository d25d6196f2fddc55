import type { Autoscaler } from '../../ports/platform.js';
import type { MemoryStore } from './memory-store.js';

/** Floors of apps that have an autoscaler; who sets `app.replicas` plays the autoscaler, which `app.autoscaler` says how far it may go. */
export const memoryAutoscaler = (store: MemoryStore): Autoscaler => ({
  async read({ app: { namespace, name } }) {
    const { autoscaler } = store.app(namespace, name);
    return autoscaler === undefined ? undefined : { min: autoscaler.min, max: autoscaler.max };
  },

  async hold(context) {
    const app = store.app(context.app.namespace, context.app.name);
    const { autoscaler } = app;
    if (autoscaler === undefined) return undefined;
    app.fences.claim(context, `${app.name}/autoscaler`);
    const original = autoscaler.original ?? autoscaler.min;
    app.write(() => {
      app.autoscaler = { ...autoscaler, original, min: Math.max(autoscaler.min, Math.min(app.replicas, autoscaler.max)) };
    });
    return { min: original };
  },

  async release(context) {
    const app = store.app(context.app.namespace, context.app.name);
    const { autoscaler } = app;
    if (autoscaler?.original === undefined) return;
    app.fences.claim(context, `${app.name}/autoscaler`);
    const { original, max } = autoscaler;
    app.write(() => (app.autoscaler = { min: original, max }));
  },
});
