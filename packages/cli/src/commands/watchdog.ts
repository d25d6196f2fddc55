import type { Issue } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import { withInterrupt } from '../interrupt.js';
import type { World } from '../world.js';
import { type RecoverFlags, recover } from './recover.js';

export interface WatchdogFlags extends RecoverFlags {
  readonly image?: string | undefined;
  readonly print?: boolean | undefined;
}

/** Puts the watchdog into a namespace; `run` is what its pod does: it takes back what nobody drove in time, and never drives anything forward. */
export async function watchdog(what: string | undefined, flags: WatchdogFlags, world: World): Promise<number> {
  if (what === 'run') {
    const actor = { name: 'watchdog', kind: 'service' } as const;
    const greeting = (where: string): string => `takes back what nobody drove in time in ${where}`;
    return recover({ ...flags, follow: true }, world, { only: 'overdue', actor, greeting });
  }
  const issues: Issue[] = [];
  if (what !== undefined) issues.push({ path: 'watchdog', got: JSON.stringify(what), expected: 'nothing, to install it, or run' });
  if (flags.image === undefined) issues.push({ path: '--image', got: 'nothing', expected: 'an image that runs node and has /app/shepherd.mjs' });
  refuse(issues);
  const image = String(flags.image);
  const { stdout } = world.io;
  const connection = { ...connectionOf(flags, await loadSettings(flags, world.io)), explicitContext: true };
  const { installWatchdog, watchdogObjects } = await import('@shepherd/kube');
  if (flags.print === true) {
    const { stringify } = await import('yaml');
    const objects = watchdogObjects({ image, namespace: connection.namespace ?? 'default' });
    stdout.write(objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'));
    return 0;
  }
  return withInterrupt(world.io, async (interrupt) => {
    const { namespace, objects } = await installWatchdog({ ...connection, image, signal: interrupt.abortSignal });
    const made = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    stdout.write(flags.json === true ? `${JSON.stringify({ namespace, objects })}\n` : `in ${namespace}: ${made.join(', ')}\n`);
    return 0;
  });
}
