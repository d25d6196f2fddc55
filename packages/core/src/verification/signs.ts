import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import { errorInfo } from '../errors/shepherd-error.js';
import { postFor } from '../notices/outbox.js';
import type { Undelivered } from '../notices/post-office.js';
import { undelivered } from '../notices/undelivered.js';
import type { AlertRule } from '../ports/metrics-provider.js';
import { partsOf } from '../rollout/clusters.js';
import { inside, type Shepherd } from '../shepherd.js';
import type { AppRef } from '../words/app.js';
import type { Baseline } from './figures.js';

/** What is kept and said of an app, beside its checks. JSON. */
export interface Signs {
  /** Of the revision that serves; undefined: none was measured, or the platform keeps none. */
  readonly baseline: Baseline | undefined;
  /** Names of the alerts that fire in its namespace; undefined: no metrics provider can say. */
  readonly alerts: readonly string[] | undefined;
  /** Why they could not be read. */
  readonly alertsUnread?: string | undefined;
  /** Rules that would raise an alert for it; undefined: no metrics provider can say. */
  readonly alertRules: readonly AlertRule[] | undefined;
  /** Why they could not be read. */
  readonly alertRulesUnread?: string | undefined;
  /** Notices of its rollouts that nobody got yet, by the channels of this Shepherd. */
  readonly undelivered: readonly Undelivered[];
}

/** Reads them, and writes nothing. @throws ShepherdError where the app or its journal cannot be read */
export async function signsOf(shepherd: Shepherd<never>, ref: AppRef, signal: AbortSignal = new AbortController().signal): Promise<Signs> {
  const { platform, context, engine } = await inside(shepherd).locate(partsOf(ref), signal);
  /** Whatever cannot be read is told, and keeps nothing else away. */
  const read = async <T>(work: () => Promise<T> | undefined): Promise<{ readonly value?: T | undefined; readonly unread?: string }> => {
    try {
      return { value: await work() };
    } catch (error) {
      signal.throwIfAborted();
      return { unread: errorInfo(error).message };
    }
  };
  const [{ stable }, known, saved, alerts, rules] = await Promise.all([
    observe(platform, context, false),
    platform.baselines?.read(context),
    platform.journal.load(context),
    read(() => engine.metrics?.alerts?.(context)),
    read(() => engine.metrics?.alertRules?.(context)),
  ]);
  const outbox = readAppRecord(saved, context.app)?.outbox;
  const waiting = outbox === undefined ? [] : (engine.notices?.notifiers ?? []).flatMap(({ name }) => postFor(outbox, name));
  return {
    baseline: stable === undefined ? undefined : (known?.[stable.revision.hash] as Baseline | undefined),
    alerts: alerts.value,
    ...(alerts.unread === undefined ? {} : { alertsUnread: alerts.unread }),
    alertRules: rules.value,
    ...(rules.unread === undefined ? {} : { alertRulesUnread: rules.unread }),
    undelivered: waiting.map(undelivered),
  };
}
