import type { Duration } from '@shepherd/core';
import { exitCodeOf, formatOutcome } from '@shepherd/core';
import { formatSignals, formatSummary, watchOver as over, type WatchOverEvent } from '@shepherd/core/incidents';
import { signalCode } from '../interrupt.js';
import { schemaVersion } from '../ledger.js';
import { incidentLines } from '../render/incident-lines.js';
import type { World } from '../world.js';
import type { Session } from './with-shepherd.js';

/**
 * Watches over an app after a release. @returns 0: nothing is wrong at the end · 1: an incident is open · what the rollback came to, where it went back by itself
 */
export async function watchOver(
  app: string,
  { forTime, auto, json }: { readonly forTime: Duration; readonly auto: boolean; readonly json: boolean },
  { shepherd, interrupt }: Session,
  { io }: World,
): Promise<number> {
  let exitCode = 0;
  let back: number | undefined;
  for await (const event of over(shepherd, app, { for: forTime, auto, signal: interrupt.abortSignal })) {
    if (event.type === 'watch-end') exitCode = event.open.length === 0 ? 0 : 1;
    if (event.type === 'rollback-end') back = event.outcome.kind === 'succeeded' ? 3 : exitCodeOf(event.outcome);
    if (json)
      io.stdout.write(
        `${JSON.stringify({ schemaVersion, ...event, ...(event.type === 'watch-end' ? { type: 'result', exitCode: back ?? exitCode } : {}) })}\n`,
      );
    else for (const line of linesOf(event)) io.stdout.write(`${event.at.slice(11, 19)} ${line}\n`);
  }
  if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
  return back ?? exitCode;
}

function linesOf(event: WatchOverEvent): readonly string[] {
  switch (event.type) {
    case 'watch-start':
      return [`watching until ${event.until}`];
    case 'look':
      return [event.says];
    case 'signals':
      return [formatSignals(event.signals)];
    case 'incident':
      return incidentLines(event.incident);
    case 'rollback':
      return [`going back: ${event.rolloutId}`];
    case 'rollback-end':
      return [formatOutcome(event.outcome)];
    case 'watch-end':
      return [
        ...(event.signals === undefined ? [] : formatSummary(event.signals)),
        event.open.length === 0 ? 'nothing is wrong' : `${event.open.length === 1 ? 'an incident is' : `${event.open.length} incidents are`} open`,
      ];
  }
}
