import { Shepherd, type ShepherdOptions } from '@shepherd/core';
import { personHere } from '../actor.js';
import type { Connection } from '../connect.js';
import { Interrupt, signalCode } from '../interrupt.js';
import { connectMetrics } from '../metrics.js';
import type { CliRelease } from '../release.js';
import type { World } from '../world.js';

export interface Session {
  readonly shepherd: Shepherd<CliRelease>;
  readonly interrupt: Interrupt;
}

/**
 * Runs a command on a cluster, and closes what it opened. A signal that the command gives no meaning of its own ends it at once, whatever it waits for: a
 * cluster that does not answer, a credential plugin that hangs.
 */
export async function withShepherd(
  connection: Connection,
  { connect, io, clock }: World,
  work: (session: Session) => Promise<number>,
  options: Pick<ShepherdOptions<never>, 'actor'> = {},
): Promise<number> {
  const interrupt = new Interrupt(io);
  try {
    const shepherd = new Shepherd<CliRelease>({
      actor: personHere(io.env),
      ...options,
      platform: await connect(connection),
      metrics: await connectMetrics(connection.prometheus),
      clock,
    });
    interrupt.meaning((signal) => {
      interrupt.abort(signal);
      void shepherd.close();
    });
    try {
      return await work({ shepherd, interrupt });
    } catch (error) {
      if (interrupt.signal !== undefined && interrupt.abortSignal.aborted) return signalCode(interrupt.signal);
      throw error;
    } finally {
      await shepherd.close();
    }
  } finally {
    interrupt.close();
  }
}
