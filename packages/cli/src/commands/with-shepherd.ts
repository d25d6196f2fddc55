import { type Duration, Shepherd, type ShepherdOptions, toMs, type Undelivered } from '@shepherd/core';
import { requireEnv } from '@shepherd/core/gates';
import { personHere } from '../actor.js';
import type { Connection } from '../connect.js';
import { Interrupt, signalCode } from '../interrupt.js';
import { connectMetrics } from '../metrics.js';
import { makeChannels } from '../notify/channels.js';
import { undeliveredLines } from '../notify/undelivered.js';
import { connectOtel } from '../otel.js';
import type { CliRelease } from '../release.js';
import type { World } from '../world.js';

/** What is left for notices where a signal ends a process that is soon killed; what nobody got stays in the journal. */
const lastWords = '500ms';
/** What is left at the end for spans: a receiver that hangs holds nobody up for longer. */
const telemetryTime = '5s';

export interface Session {
  readonly shepherd: Shepherd<CliRelease>;
  readonly interrupt: Interrupt;
  /** Delivers what there is to say and closes; what is left by then is said on stderr, once. Undefined where nobody is to be told. */
  deliver(): Promise<readonly Undelivered[] | undefined>;
  /** From a signal on, where this process is killed soon after one: leaves in time, wherever its rollouts stand. */
  leaveInTime(): void;
}

/**
 * Runs a command on a cluster, and closes what it opened. A signal that the command gives no meaning of its own ends it at once, whatever it waits for: a
 * cluster that does not answer, a credential plugin that hangs.
 */
export async function withShepherd(
  connection: Connection,
  { connect, io, clock }: World,
  work: (session: Session) => Promise<number>,
  { flushTimeout, ...options }: Pick<ShepherdOptions<never>, 'actor'> & { readonly flushTimeout?: Duration | undefined } = {},
): Promise<number> {
  const interrupt = new Interrupt(io);
  const { required } = connection;
  try {
    const otel = await connectOtel(connection.telemetry, io, clock);
    const shepherd = new Shepherd<CliRelease>({
      actor: personHere(io.env),
      ...options,
      platform: await connect(connection),
      metrics: await connectMetrics(connection.prometheus, connection),
      notifiers: otel.notifiers(await makeChannels(connection, io)),
      observers: otel.observers,
      ...(connection.environment === undefined ? {} : { defaults: { metadata: { environment: connection.environment } } }),
      clock,
      // Known to whoever takes a rollout over too, whatever its own config says.
      extensions: [requireEnv(required === undefined ? {} : { [required.environment]: () => connect(required.connection) })],
    });
    let delivered: Promise<readonly Undelivered[]> | undefined;
    const over = new AbortController();
    const leaveInTime = (): void => {
      if (io.leaveWithinMs === undefined) return;
      void (async () => {
        await clock.sleep(io.leaveWithinMs as number, over.signal);
        void shepherd.close({ timeout: lastWords });
        await clock.sleep(toMs(lastWords) * 2, over.signal);
        // A cluster that does not answer: what is left behind is what a crash leaves, and another process goes on from there.
        io.exit(signalCode(interrupt.signal ?? 'SIGTERM'));
      })().catch(() => undefined);
    };
    const closed = async (): Promise<readonly Undelivered[]> => {
      const hurried = interrupt.signal !== undefined && io.leaveWithinMs !== undefined;
      const timeout = hurried ? lastWords : flushTimeout;
      const { undelivered } = await shepherd.close(timeout === undefined ? {} : { timeout });
      for (const line of undeliveredLines(undelivered)) io.stderr.write(`${line}\n`);
      return undelivered;
    };
    const deliver = async (): Promise<readonly Undelivered[] | undefined> => {
      delivered ??= closed();
      const undelivered = await delivered;
      return connection.notify === undefined ? undefined : undelivered;
    };
    interrupt.meaning((signal) => {
      leaveInTime();
      interrupt.abort(signal);
      void shepherd.close();
    });
    try {
      return await work({ shepherd, interrupt, deliver, leaveInTime });
    } catch (error) {
      if (interrupt.signal !== undefined && interrupt.abortSignal.aborted) return signalCode(interrupt.signal);
      throw error;
    } finally {
      await deliver();
      await otel.stop(toMs(interrupt.signal !== undefined && io.leaveWithinMs !== undefined ? lastWords : telemetryTime));
      over.abort();
    }
  } finally {
    interrupt.close();
  }
}
