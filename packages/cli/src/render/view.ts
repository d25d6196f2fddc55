import type { Clock, RolloutEvent, Target } from '@shepherd/core';
import { type Io, isLive } from '../io.js';
import { frame } from './frame.js';
import { LiveRegion } from './live-region.js';
import { PlainLines } from './plain-lines.js';
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
  close(): void;
}

export interface ViewOptions {
  readonly json: boolean;
  readonly title?: string | undefined;
  readonly planShown: boolean;
}

/** Each event as a line of JSON. */
export const jsonView = ({ stdout, stderr }: Io): View => ({
  everyMs: undefined,
  event: (event) => void stdout.write(`${JSON.stringify(event)}\n`),
  tick: () => undefined,
  note: (text) => void stderr.write(`${text}\n`),
  hint: () => undefined,
  close: () => undefined,
});

export function plainView({ stdout, stderr }: Io, clock: Clock, planShown: boolean): View {
  const lines = new PlainLines({ planShown });
  const print = (texts: readonly string[]): void => {
    for (const text of texts) stdout.write(`${text}\n`);
  };
  return {
    everyMs: 1_000,
    event: (event) => print(lines.event(event)),
    tick: () => print(lines.tick(clock.now().getTime())),
    note: (text) => void stderr.write(`${text}\n`),
    hint: () => undefined,
    close: () => undefined,
  };
}

export function liveView(io: Io, clock: Clock, title: string | undefined): View {
  const region = new LiveRegion(io);
  let progress: Progress = noProgress;
  let hint: string | undefined;
  const draw = (): void => {
    if (progress.startedMs === undefined) return;
    region.draw(frame(progress, { width: region.width - 1, rows: region.rows, nowMs: clock.now().getTime(), title, hint }));
  };
  io.stdout.on?.('resize', draw);
  return {
    everyMs: 200,
    event(event) {
      progress = advance(progress, event);
      if (event.type === 'approval-request') draw();
    },
    tick: draw,
    target(target) {
      progress = { ...progress, target };
    },
    note(text) {
      region.print([text]);
      draw();
    },
    hint(text) {
      hint = text;
      draw();
    },
    close() {
      draw();
      io.stdout.off?.('resize', draw);
      region.close();
    },
  };
}

export const makeView = (io: Io, clock: Clock, { json, title, planShown }: ViewOptions): View =>
  json ? jsonView(io) : isLive(io) ? liveView(io, clock, title) : plainView(io, clock, planShown);
