import type { WriteContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';
import type { App } from '../words/app.js';
import type { RolloutRecord } from './record.js';

/** As much of a step or a driver as holding takes. */
export interface Holder {
  readonly app: App;
  readonly platform: Platform<unknown>;
  record(): RolloutRecord;
  write(): WriteContext;
  commit(change: Partial<RolloutRecord>): Promise<void>;
}

const keyOf = (app: App): string => JSON.stringify(app);

export const isHeld = ({ app, record }: Pick<Holder, 'app' | 'record'>): boolean => Object.hasOwn(record().held ?? {}, keyOf(app));

/**
 * Keeps the autoscaler from shrinking stable below what it has now. The intent is stored before, what has to be restored after; in between the platform has it
 * on the object itself (RR CR-7). Again, later: the floor follows what stable has grown to.
 */
export async function holdAutoscaler(holder: Holder): Promise<void> {
  const { autoscaler } = holder.platform;
  if (autoscaler === undefined) return;
  const key = keyOf(holder.app);
  const held = (): Readonly<Record<string, unknown>> => holder.record().held ?? {};
  if (!isHeld(holder)) await holder.commit({ held: { ...held(), [key]: null } });
  const original = (await autoscaler.hold(holder.write())) ?? null;
  if (JSON.stringify(held()[key]) !== JSON.stringify(original)) await holder.commit({ held: { ...held(), [key]: original } });
}

/** Gives the autoscaler its own floor back, on every way out; nothing to do where it is not held. */
export async function releaseAutoscaler(holder: Holder): Promise<void> {
  const { autoscaler } = holder.platform;
  if (autoscaler === undefined || !isHeld(holder)) return;
  const { [keyOf(holder.app)]: original, ...others } = holder.record().held ?? {};
  await autoscaler.release(holder.write(), original ?? undefined);
  await holder.commit({ held: Object.keys(others).length === 0 ? undefined : others });
}
