import { type PortContext, ShepherdError } from '@shepherd/core';
import type { Cluster } from '../cluster.js';
import type { Deployment } from '../objects.js';

const goneEveryMs = 200;
/** Whoever has a finalizer on it works, as a rule, within seconds. */
const heldMs = 30_000;
/** Beyond the time that its pods may take to end. */
const lateMs = 60_000;

/** Those of the garbage collector, which wait for the pods. */
const collectors: ReadonlySet<string> = new Set(['foregroundDeletion', 'orphan']);

/**
 * Until a Deployment that was deleted is gone. @throws ShepherdError ERR_CONFLICT with the finalizers that hold it, ERR_TIMEOUT where its pods do not end
 */
export async function awaitGone(cluster: Cluster, { signal, clock }: PortContext, path: string): Promise<void> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    const found = await cluster.find<Deployment>(path, signal);
    if (found === undefined) return;
    const [passedMs, held] = [clock.monotonicMs() - startedMs, (found.metadata.finalizers ?? []).filter((name) => !collectors.has(name))];
    const object = `Deployment ${found.metadata.name}`;
    if (held.length > 0 && passedMs >= heldMs) {
      throw new ShepherdError('ERR_CONFLICT', `${object}, whose name the candidate needs, is being deleted and held up by ${held.join(', ')}`, {
        facts: { object, reason: `finalizers ${held.join(', ')}` },
        remedy: 'see who set the finalizer and why it is not done; then deploy again',
      });
    }
    const limitMs = (found.spec.template.spec.terminationGracePeriodSeconds ?? 30) * 1_000 + lateMs;
    if (passedMs >= limitMs) {
      const last = `finalizers ${(found.metadata.finalizers ?? []).join(', ') || 'none'}`;
      throw new ShepherdError('ERR_TIMEOUT', `${object}, whose name the candidate needs, was deleted and is still there after ${limitMs / 1_000} s (${last})`, {
        facts: { what: `${object} is gone`, afterMs: limitMs, last },
        remedy: 'see which of its pods do not end, and why; then deploy again',
      });
    }
    await clock.sleep(goneEveryMs, signal);
  }
}
