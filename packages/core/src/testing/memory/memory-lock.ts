import { ShepherdError } from '../../errors/shepherd-error.js';
import type { Lock, LockHolder } from '../../ports/lock.js';
import type { App } from '../../words/app.js';
import type { MemoryStore } from './memory-store.js';

export const memoryLock = (store: MemoryStore, leaseMs: number): Lock => {
  const heldNow = (app: App): LockHolder | undefined => {
    const { lease } = store.state(app);
    if (lease === undefined || store.clock.monotonicMs() - lease.renewedMs >= leaseMs) return undefined;
    const { heldBy, rolloutId, since } = lease;
    return { heldBy, rolloutId, since };
  };
  return {
    leaseMs,

    async acquire({ app, rolloutId, clock }, heldBy) {
      const holder = heldNow(app);
      if (holder !== undefined) return holder;
      const state = store.state(app);
      state.fence += 1;
      const { fence } = state;
      state.lease = { heldBy, rolloutId, fence, since: clock.now().toISOString(), renewedMs: clock.monotonicMs() };
      return {
        fence,
        takenMs: clock.monotonicMs(),
        async renew() {
          if (state.lease?.fence !== fence) return false;
          state.lease = { ...state.lease, renewedMs: clock.monotonicMs() };
          return true;
        },
        async release() {
          if (state.lease?.fence === fence) state.lease = undefined;
        },
      };
    },

    async read({ app }) {
      return heldNow(app);
    },

    async break({ app }, rolloutId) {
      const holder = heldNow(app);
      if (holder === undefined) return;
      if (holder.rolloutId !== rolloutId) {
        throw new ShepherdError('ERR_LOCK_HELD', `the lock of ${app.name} is held by ${holder.rolloutId}, not by ${rolloutId}`, {
          facts: { rolloutId: holder.rolloutId, holder: holder.heldBy, since: holder.since },
          remedy: 'name the rollout that holds it',
        });
      }
      store.state(app).lease = undefined;
    },
  };
};
