import { Canary, Shepherd } from '@shepherd/core';
import type { MemoryPlatform } from '@shepherd/core/testing';
import type { Backend } from './backend.js';
import type { Told } from './told.js';

/** A process: a Shepherd on its own connection, which can be killed. */
export interface Life {
  readonly shepherd: Shepherd<{ version: string }>;
  /** As `kill -9`: none of its calls comes back, and it sends nothing any more. */
  kill(): void;
}

export function live(platform: MemoryPlatform, backend: Backend, told: Told): Life {
  let dead = false;
  const connection = platform.connect((call, when) => {
    if (when === 'after') told.stored(call);
    return dead ? new Promise<void>(() => undefined) : undefined;
  });
  const notifiers = [backend.notifier(() => dead)];
  const shepherd = new Shepherd<{ version: string }>({ platform: connection, notifiers, actor: { name: 'bench', kind: 'service' } });
  return { shepherd, kill: () => void (dead = true) };
}

const strategy = new Canary({ stages: [25, 50, 100], interval: '10s', analysis: false });

/** Goes on with what was left, then releases every app until it had this many releases; `done`: how many that were, kept over deaths. */
export async function work({ shepherd }: Life, apps: readonly string[], releases: number, done: Map<string, number>): Promise<void> {
  const left: Promise<unknown>[] = [];
  for await (const rollout of shepherd.recover()) left.push(rollout.outcome);
  await Promise.all(left);
  await Promise.all(
    apps.map(async (app) => {
      for (let next = (done.get(app) ?? 0) + 1; next <= releases; next += 1) {
        const { outcome } = shepherd.deploy({ app, release: { version: `1.${next}.0` }, strategy });
        const { kind } = await outcome;
        if (kind !== 'succeeded') throw new Error(`release ${next} of ${app}: ${kind}`);
        done.set(app, next);
      }
    }),
  );
}
