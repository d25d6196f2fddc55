import { type Clock, formatPlan, type RolloutEvent, type Target } from '@shepherd/core';
import type { Io } from '../io.js';
import { schemaVersion } from '../ledger.js';
import type { World } from '../world.js';
import { frame } from './frame.js';
import { LiveRegion } from './live-region.js';
import { painted, type Style } from './paint.js';
import { PlainLines, styleOf } from './plain-lines.js';
import { advance, noProgress, type Progress } from './progress.js';

/** One way to show a rollout. */
export interface View {
  /** How often `tick` wants to be called, in ms; undefined: never. */
  readonly everyMs: number | undefined;
  event(event: RolloutEvent): void;
  tick(): void;
  /** The pods as they are now. */
  target?(target: Target): void;
  /** A line of our own, for people. */
  note(text: string): void;
  hint(text: string | undefined): void;
  /** Says how it ended by itself, in its own words. @default false */
  readonly saysEnd?: boolean | undefined;
  close(): void;
}

export interface ViewOptions {
  readonly title?: string | undefined;
  readonly planShown: boolean;
}

/** Nothing but notes, and those where they are wanted. */
export const silentView = ({ stderr }: Io, quiet: boolean): View => ({
  everyMs: undefined,
  event: () => undefined,
  tick: () => undefined,
  note: (text) => void (quiet || stderr.write(`${text}\n`)),
  hint: () => undefined,
  close: () => undefined,
});

/** Each event as a line of JSON. */
export const ndjsonView = (io: Io, quiet: boolean): View => ({
  ...silentView(io, quiet),
  event: (event) => void io.stdout.write(`${JSON.stringify({ schemaVersion, ...event })}\n`),
});

export function plainView({ stdout, stderr, fold }: Io, clock: Clock, { planShown, colour = false }: { planShown: boolean; colour?: boolean }): View {
  const lines = new PlainLines({ planShown: planShown || fold !== undefined });
  const print = (texts: readonly string[], style: Style | undefined): void => {
    for (const text of texts) stdout.write(`${colour && style !== undefined ? painted(text, style) : text}\n`);
  };
  return {
    saysEnd: true,
    everyMs: 1_000,
    event(event) {
      if (event.type === 'rollout-start' && !planShown) fold?.(`plan of ${event.app.name}`, formatPlan(event.plan));
      print(lines.event(event), styleOf(event));
    },
    tick: () => print(lines.tick(clock.now().getTime()), 'dim'),
    note: (text) => void stderr.write(`${text}\n`),
    hint: () => undefined,
    close: () => undefined,
  };
}

/** Redrawn by `tick` alone, so five times a second at most, whatever happens meanwhile. */
export function liveView(io: Io, clock: Clock, { title, colour }: { readonly title: string | undefined; readonly colour: boolean }): View {
  const region = new LiveRegion(io, { colour });
  let progress: Progress = noProgress;
  let hint: string | undefined;
  let notes: readonly string[] = [];
  const draw = (): void => {
    const said = notes;
    notes = [];
    const shown = progress.startedMs !== undefined;
    region.draw(shown ? frame(progress, { width: region.width - 1, rows: region.rows, nowMs: clock.now().getTime(), title, hint }) : [], said);
  };
  return {
    everyMs: 200,
    event(event) {
      progress = advance(progress, event);
    },
    tick: draw,
    target(target) {
      progress = { ...progress, target };
    },
    note(text) {
      notes = [...notes, text];
    },
    hint(text) {
      hint = text;
    },
    close() {
      draw();
      region.close();
    },
  };
}

/** The view that was asked for. What comes to a log in GitHub Actions is what comes to any log. */
export function makeView({ io, output: { format, quiet, colour }, clock }: World, { title, planShown }: ViewOptions): View {
  if (format === 'ndjson') return ndjsonView(io, quiet);
  if (format === 'json' || quiet) return silentView(io, quiet);
  return format === 'tty' ? liveView(io, clock, { title, colour }) : plainView(io, clock, { planShown, colour });
}
