import { createMemoryPlatform, VirtualClock } from '@shepherd/core/testing';
import type { Bench } from '../bench.js';
import { table } from '../table.js';
import { Backend } from './backend.js';
import { live, work } from './life.js';
import { Told } from './told.js';

const appCount = 100;
/** A release has about 25 notices. */
const releases = 4;
const failing = 0.3;
/** How many notices have arrived when a process is killed. */
const killedAt = [2_500, 5_000, 7_500] as const;
/** After a death: leases are over. */
const leaseOverMs = 30_000;

/**
 * 100 apps, about 100 notices each, to a channel that fails 30 % of all attempts, by processes of which three are killed in the middle; on a virtual clock. Lost
 * is what neither arrived nor is listed as undelivered.
 */
export const bench: Bench = async ({ only, log }) => {
  if (only !== undefined) throw new RangeError(`notify has no part ${only}`);
  using clock = new VirtualClock({ auto: true });
  const apps = Array.from({ length: appCount }, (_, i) => `app-${i}`);
  const platform = createMemoryPlatform({ clock, apps: Object.fromEntries(apps.map((name) => [name, { granularity: 'percent', startupMs: 100 }])) });
  const backend = new Backend(failing, 7);
  const told = new Told();
  const done = new Map<string, number>();

  for (const count of killedAt) {
    const life = live(platform, backend, told);
    const killed = untilTaken(backend, count);
    await Promise.race([killed, work(life, apps, releases, done).then(() => Promise.reject(new Error(`all was done before ${count} notices had arrived`)))]);
    life.kill();
    log(`killed with ${backend.took.size} notices arrived, at ${Math.round(clock.monotonicMs() / 1_000)} s`);
    await clock.sleep(leaseOverMs);
  }
  const last = live(platform, backend, told);
  await work(last, apps, releases, done);
  // In a hurry, so that something is left.
  const { undelivered } = await last.shepherd.close({ timeout: '1s' });
  const sent = backend.took.size;
  const listed = new Set(undelivered.map(({ id }) => id));
  const missing = [...told.keys].filter((key) => !backend.took.has(key));
  log(`${told.keys.size} notices, ${sent} arrived, ${undelivered.length} listed as undelivered`);

  backend.failing = 0;
  const flusher = live(platform, backend, told);
  const flushed = await flusher.shepherd.flush();
  await flusher.shepherd.close();
  // What the flush brought under an id that was listed was not lost; what came under another, or never, was.
  const lost = missing.filter((key) => !listed.has(backend.took.get(key)?.id ?? '')).length;
  const leftAfterFlush = flushed.undelivered.length + flushed.failed.length + [...told.keys].filter((key) => !backend.took.has(key)).length;
  const { duplicates, wrong } = backend;
  const json = { name: 'notify', sent, undelivered: undelivered.length, lost, duplicates, notices: told.keys.size, leftAfterFlush, wrongIds: wrong };
  return { json, text: table([json]), ok: lost === 0 && leftAfterFlush === 0 && wrong === 0 };
};

const untilTaken = (backend: Backend, count: number): Promise<void> =>
  new Promise((resolve) => {
    backend.onTaken = () => {
      if (backend.took.size >= count) resolve();
    };
  });
