import { type Clock, formatCause, formatMs, type RolloutEvent, type Target } from '@shepherd/core';
import { isData } from '../format.js';
import type { Io } from '../io.js';
import { LiveRegion } from '../render/live-region.js';
import type { World } from '../world.js';
import { type LaneState, laneRows, newLane, onEvent, onRelease } from './lane-state.js';
import type { Released } from './run-release.js';
import type { Lane } from './scenarios.js';

/** How the demo shows itself while it runs. */
export interface DemoView {
  say(text: string): void;
  release(lane: number, name: string): void;
  event(lane: number, event: RolloutEvent): void;
  target(lane: number, target: Target): void;
  load(lane: number, soFar: () => { readonly requests: number; readonly failed: number }): void;
  ended(lane: number, released: Released, last: boolean): void;
  close(): Promise<void>;
}

/** Nothing, for programs. */
export const silentView: DemoView = {
  say: () => undefined,
  release: () => undefined,
  event: () => undefined,
  target: () => undefined,
  load: () => undefined,
  ended: () => undefined,
  close: async () => undefined,
};

/** A line for what a person would want to know in a log. */
export function plainDemoView({ stdout }: Io, lanes: readonly Lane[]): DemoView {
  const line = (lane: number, text: string): void => void stdout.write(`${(lanes[lane]?.strategy ?? '').padEnd(11)} ${text}\n`);
  return {
    ...silentView,
    say: (text) => void stdout.write(`${text}\n`),
    release: (lane, name) => line(lane, `${name}: starts`),
    event(lane, event) {
      if (event.type === 'weight-change') line(lane, `traffic ${event.from} % → ${event.to} %`);
      if (event.type === 'rollback-start') line(lane, `going back: ${formatCause(event.cause)}`);
    },
    ended: (lane, { run }) =>
      line(lane, `${run.release}: ${run.outcome} after ${formatMs(run.seconds * 1_000)}; ${run.requests} requests, ${run.failed} failed`),
  };
}

/** All lanes at once, redrawn in place. */
export function liveDemoView(io: Io, lanes: readonly Lane[], clock: Clock, colour: boolean): DemoView {
  const region = new LiveRegion(io, { colour });
  const states: LaneState[] = lanes.map(({ strategy }) => newLane(strategy));
  const counters: (() => LaneState['load'])[] = lanes.map(() => () => ({ requests: 0, failed: 0 }));
  const startedMs = clock.monotonicMs();
  const stop = new AbortController();
  const change = (lane: number, next: (state: LaneState) => LaneState): void => {
    const state = states[lane];
    if (state !== undefined) states[lane] = next(state);
  };
  const draw = (): void => {
    const width = Math.min(100, region.width - 1);
    const rows = states.flatMap((state, lane) => laneRows({ ...state, load: counters[lane]?.() ?? state.load }, width));
    region.draw([...rows, { text: formatMs(Math.floor((clock.monotonicMs() - startedMs) / 1_000) * 1_000), style: 'dim' }]);
  };
  const drawing = (async () => {
    while (!stop.signal.aborted) {
      draw();
      await clock.sleep(200, stop.signal).catch(() => undefined);
    }
  })();
  return {
    say: (text) => region.print([text]),
    release: (lane, name) => change(lane, (state) => onRelease(state, name)),
    event: (lane, event) => change(lane, (state) => onEvent(state, event)),
    target: (lane, target) => change(lane, (state) => ({ ...state, progress: { ...state.progress, target } })),
    load(lane, soFar) {
      counters[lane] = soFar;
    },
    ended: (lane, { run }, last) => change(lane, (state) => ({ ...state, ended: [...state.ended, run], done: last })),
    async close() {
      stop.abort();
      await drawing;
      region.draw([]);
      region.close();
    },
  };
}

/** The view that was asked for. */
export function makeDemoView({ io, output: { format, quiet, colour }, clock }: World, lanes: readonly Lane[]): DemoView {
  if (quiet || isData(format)) return silentView;
  return format === 'tty' ? liveDemoView(io, lanes, clock, colour) : plainDemoView(io, lanes);
}
