import type { Engine } from '../engine/start.js';
import { errorInfo } from '../errors/shepherd-error.js';
import { IncidentDesk } from '../incidents/desk.js';
import type { Clock } from '../ports/clock.js';
import type { IncidentStore } from '../ports/incident-store.js';
import type { Clusters } from '../rollout/clusters.js';
import type { App } from '../words/app.js';
import { type Duration, toMs } from '../words/duration.js';
import type { PostOffice, Undelivered } from './post-office.js';
import { undelivered as undeliveredOf } from './undelivered.js';

/** `namespaces` @default all. `timeout`: for all of it; what is not delivered by then stays. @default '2m' */
export interface FlushOptions {
  readonly namespaces?: readonly string[] | undefined;
  readonly timeout?: Duration | undefined;
}

/** What was flushed: how many notices were delivered, those that still nobody got, and apps that could not be read. */
export interface Flushed {
  readonly delivered: number;
  readonly undelivered: readonly Undelivered[];
  readonly failed: readonly { readonly app: string; readonly why: string }[];
}

interface FlushWorld {
  readonly clusters: Clusters;
  readonly clock: Clock;
  readonly closing: AbortController;
  readonly office: PostOffice;
}

/** Delivers what the journals of all apps hold and nobody is at. */
export async function flushNotices(
  { clusters, clock, closing, office }: FlushWorld,
  engine: (cluster: string) => Engine,
  { namespaces, timeout = '2m' }: FlushOptions,
): Promise<Flushed> {
  const timer = new AbortController();
  const over = new AbortController();
  void clock.sleep(toMs(timeout), timer.signal).then(
    () => over.abort(),
    () => undefined,
  );
  const signal = AbortSignal.any([closing.signal, over.signal]);
  const undelivered: Undelivered[] = [];
  let delivered = 0;
  const failed: { readonly app: string; readonly why: string }[] = [];
  const ofIncidents = async (app: App, store: IncidentStore): Promise<void> => {
    try {
      const desk = new IncidentDesk(store, { app, rolloutId: undefined, signal: closing.signal, clock }, engine(app.cluster).notices?.notifiers ?? []);
      const before = (await desk.load())?.outbox.notices.flatMap(({ to }) => to).length ?? 0;
      if (before === 0) return;
      const left = await desk.deliver(signal, { again: true });
      undelivered.push(...left.map(undeliveredOf));
      delivered += Math.max(0, before - ((await desk.load())?.outbox.notices.flatMap(({ to }) => to).length ?? 0));
    } catch (error) {
      failed.push({ app: `incidents of ${app.cluster}/${app.namespace}/${app.name}`, why: errorInfo(error).message });
    }
  };
  const one = async (app: App): Promise<void> => {
    try {
      const flushed = await office.flush(engine(app.cluster), { app, rolloutId: undefined, signal, clock });
      undelivered.push(...flushed.left);
      delivered += flushed.delivered;
    } catch (error) {
      failed.push({ app: `${app.cluster}/${app.namespace}/${app.name}`, why: errorInfo(error).message });
    }
  };
  try {
    for (const [cluster, { journal, incidents }] of clusters.all) {
      // One app after the other: a channel takes about one message a second, and order within an app is kept.
      try {
        for await (const found of journal.list(namespaces, signal)) if (!signal.aborted) await one({ cluster, ...found });
        if (incidents !== undefined)
          for await (const found of incidents.list(namespaces, signal)) if (!signal.aborted) await ofIncidents({ cluster, ...found }, incidents);
      } catch (error) {
        failed.push({ app: cluster, why: errorInfo(error).message });
      }
    }
  } finally {
    timer.abort();
  }
  return { delivered, undelivered, failed };
}
