import type { RolloutEvent } from '@shepherd/core';
import { bar, ends, type Row } from '../render/paint.js';
import { advance, noProgress, type Progress, shareOfNew, stageAt } from '../render/progress.js';
import type { Run } from './run-release.js';

/** What the demo shows of one lane. */
export interface LaneState {
  readonly strategy: string;
  readonly release: string;
  readonly progress: Progress;
  readonly load: { readonly requests: number; readonly failed: number };
  readonly ended: readonly Run[];
  /** Its last run is over. */
  readonly done: boolean;
}

export const newLane = (strategy: string): LaneState => ({
  strategy,
  release: '',
  progress: noProgress,
  load: { requests: 0, failed: 0 },
  ended: [],
  done: false,
});

export const onRelease = (lane: LaneState, release: string): LaneState => ({ ...lane, release, progress: noProgress, load: { requests: 0, failed: 0 } });
export const onEvent = (lane: LaneState, event: RolloutEvent): LaneState => ({ ...lane, progress: advance(lane.progress, event) });

/** Two rows a lane: the release with its traffic, and what happens now. */
export function laneRows({ strategy, release, progress, load, ended, done }: LaneState, width: number): readonly Row[] {
  const past: readonly Row[] = ended.map((run) => ({
    text: ends(
      `${run.failed === 0 ? '✓' : '✗'} ${run.strategy.padEnd(11)} ${run.release.padEnd(12)} ${run.outcome}`,
      `${run.requests} requests, ${run.failed} failed`,
      width,
    ),
    style: run.failed === 0 ? 'good' : 'bad',
    head: 1,
  }));
  if (done) return past;
  if (release === '') return [{ text: `· ${strategy.padEnd(11)} waits`, style: 'dim' }];
  const share = shareOfNew(progress);
  const traffic = share === undefined ? '' : width >= 76 ? `${bar(share / 100, 16)} ${String(share).padStart(3)} %` : `${share} %`;
  const counts = counted(load, width);
  return [
    ...past,
    { text: ends(`▸ ${strategy.padEnd(11)} ${release.padEnd(12)} ${traffic}`, counts, width), style: 'bold' },
    { text: `    ${nowOf(progress)}`, style: progress.direction === 'back' ? 'warn' : 'dim' },
  ];
}

const counted = ({ requests, failed }: LaneState['load'], width: number): string => `${requests} ${width < 76 ? 'sent' : 'requests'}, ${failed} failed`;

function nowOf(progress: Progress): string {
  const { direction, plan, index, message, outcome } = progress;
  if (outcome !== undefined) return outcome.kind;
  const text = plan?.steps[index]?.text;
  if (text === undefined) return plan === undefined ? 'starts' : 'first step';
  const where = direction === 'back' ? 'going back' : (stageAt(progress, index)?.title ?? '');
  return `${where}: ${text}${message === undefined ? '' : ` (${message})`}`;
}
