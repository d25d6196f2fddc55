import { formatCause, formatMs, type Track } from '@shepherd/core';
import { bar, ends, type Row } from './paint.js';
import { fixedMs, type Progress, remainingMs, shareOfNew } from './progress.js';
import { seriesRows } from './series.js';
import type { Stage } from './stages.js';

export interface FrameOptions {
  readonly width: number;
  /** Rows that the terminal has. */
  readonly rows: number;
  readonly nowMs: number;
  /** What is being released. */
  readonly title?: string | undefined;
  /** What a key or Ctrl-C does now. */
  readonly hint?: string | undefined;
}

const seconds = (ms: number): string => (ms < 1_000 ? '0 s' : formatMs(Math.floor(ms / 1_000) * 1_000));

/** A rollout as rows of a screen. Pure: same progress, same time, same rows. */
export function frame(progress: Progress, options: FrameOptions): readonly Row[] {
  const { width, rows } = options;
  const head = [...header(progress, options), ...trafficRows(progress, width)];
  const foot = footer(progress, options);
  const list = progress.direction === 'back' ? backRows(progress) : stageRows(progress, options);
  return [...head, ...fitted(list, Math.max(1, rows - 1 - head.length - foot.length)), ...foot];
}

function header({ app, startedMs, direction, outcome }: Progress, { width, nowMs, title }: FrameOptions): readonly Row[] {
  const left = `${app}${title === undefined ? '' : ` → ${title}`}${direction === 'back' && outcome === undefined ? '  GOING BACK' : ''}`;
  const right = startedMs === undefined ? '' : seconds((outcome === undefined ? nowMs : startedMs + outcome.ms) - startedMs);
  return [{ text: ends(left, right, Math.min(width, 80)), style: direction === 'back' && outcome === undefined ? 'warn' : 'bold', head: left.length }];
}

function trafficRows(progress: Progress, width: number): readonly Row[] {
  const { target } = progress;
  const share = shareOfNew(progress);
  const text = `${String(share).padStart(3)} % of traffic on the new version`;
  const room = Math.min(40, width - text.length - 3);
  const traffic: readonly Row[] =
    share === undefined ? [] : [{ text: room >= 8 ? `${bar(share / 100, room)} ${text}` : text.trimStart(), style: 'good', head: room >= 8 ? room : 0 }];
  const pods = (name: string, track: Track | undefined): string => (track === undefined ? '' : `${name} ${track.ready} of ${track.replicas} pods ready`);
  const both = [pods('stable', target?.stable), pods('candidate', target?.candidate)].filter((each) => each !== '').join(' · ');
  return [...traffic, ...(both === '' ? [] : [{ text: both }])];
}

interface Item {
  readonly row: Row;
  readonly current: boolean;
}

function stageRows(progress: Progress, options: FrameOptions): readonly Item[] {
  return progress.stages.flatMap((stage) => {
    const current = progress.index >= stage.from && progress.index < stage.to && progress.outcome === undefined;
    const done = progress.marks[stage.to - 1]?.good === true;
    const text = `${done ? '✓' : current ? '▸' : '·'} ${stage.title}${reached(stage, progress)}`;
    const row: Row = { text: ends(text, timeOf(stage, progress, options.nowMs), Math.min(options.width, 72)), ...markStyle(done, current) };
    const details = current ? detailRows(progress, options).map((detail) => ({ row: detail, current: true })) : [];
    return [{ row, current }, ...judgedRows(stage, progress).map((judged) => ({ row: judged, current })), ...details];
  });
}

/** What the verdicts of a stage rested on. */
const judgedRows = ({ from, to }: Stage, { marks }: Progress): readonly Row[] =>
  Array.from({ length: to - from }, (_, at) => marks[from + at]?.says).flatMap((says) => (says === undefined ? [] : [{ text: `    ${says}`, style: 'dim' }]));

const markStyle = (done: boolean, current: boolean): Pick<Row, 'style' | 'head'> =>
  done ? { style: 'good', head: 1 } : current ? { style: 'bold' } : { style: 'dim' };

/** What a stage's traffic really is, where it is not what was asked. */
function reached({ asked, from, to }: Stage, { plan }: Progress): string {
  const real = plan?.steps.slice(from, to).find(({ step }) => step.kind === 'shift')?.weight;
  return asked === undefined || real === undefined || real === asked ? '' : ` (really ${real} %)`;
}

function timeOf({ from, to }: Stage, { marks }: Progress, nowMs: number): string {
  const started = marks[from]?.startedMs;
  if (started === undefined) return '';
  const ended = marks[to - 1]?.endedMs;
  return seconds((ended ?? nowMs) - started);
}

/** The running step, and what it waits for. */
function detailRows(progress: Progress, { nowMs, width }: FrameOptions): readonly Row[] {
  const planned = progress.plan?.steps[progress.index];
  const mark = progress.marks[progress.index];
  if (planned === undefined || mark === undefined) return [];
  const total = fixedMs(progress);
  const elapsed = (mark.endedMs ?? nowMs) - mark.startedMs;
  const said = progress.message === undefined ? [] : [{ text: `    ${progress.message}`, style: 'dim' } as const];
  if (total === undefined) return [{ text: `    ${planned.text}` }, ...said];
  const text = `monitoring: ${seconds(elapsed)} elapsed, ${seconds(total - elapsed)} remaining`;
  const room = Math.min(20, width - text.length - 6);
  return [{ text: `    ${text}${room >= 6 ? ` ${bar(elapsed / total, room)}` : ''}` }, ...seriesRows(progress.series, width), ...said];
}

function backRows(progress: Progress): readonly Item[] {
  const cause = progress.cause === undefined ? [] : [{ row: { text: `cause: ${formatCause(progress.cause)}`, style: 'warn' } as const, current: true }];
  const steps = (progress.plan?.steps ?? []).flatMap(({ text }, index) => {
    const mark = progress.marks[index];
    const done = mark?.good === true;
    const current = index === progress.index && progress.outcome === undefined;
    const row: Row = { text: `${done ? '✓' : current ? '▸' : '·'} ${text}`, ...markStyle(done, current) };
    const said = current && progress.message !== undefined ? [{ row: { text: `    ${progress.message}`, style: 'dim' } as const, current: true }] : [];
    return [{ row, current }, ...said];
  });
  return [...cause, ...steps];
}

function footer(progress: Progress, { nowMs, hint, width }: FrameOptions): readonly Row[] {
  const { question, plan, index, outcome } = progress;
  if (outcome !== undefined) return [];
  const asked: readonly Row[] = question === undefined ? [] : [questionRow(progress, question, nowMs)];
  if (plan === undefined) return asked;
  const back = plan.steps[index]?.rollbackMs;
  const parts = [
    `step ${Math.max(0, index) + 1} of ${plan.steps.length}`,
    `${seconds(remainingMs(progress, nowMs))} or more to go`,
    ...(progress.direction === 'back' || back === undefined ? [] : [back === 0 ? 'back at once' : `back in ${formatMs(back)}`]),
    ...(hint === undefined ? [] : [hint]),
  ];
  // What matters most stands first; what does not fit goes as a whole.
  while (parts.length > 1 && parts.join(' · ').length > width) parts.splice(parts.length > 3 ? 2 : parts.length - 1, 1);
  return [...asked, { text: parts.join(' · '), style: 'dim' }];
}

function questionRow({ plan, index }: Progress, { text, until }: NonNullable<Progress['question']>, nowMs: number): Row {
  const next = plan?.steps[index + 1]?.text;
  const asked = text === 'go on?' && next !== undefined ? `next: ${next}` : text;
  return { text: `${asked}. y = go on, n = take it back (${seconds(Date.parse(until) - nowMs)} left, then no)`, style: 'warn' };
}

/** As many items as there is room for, the running one among them. */
function fitted(items: readonly Item[], room: number): readonly Row[] {
  if (items.length <= room) return items.map(({ row }) => row);
  const first = Math.max(
    0,
    items.findIndex(({ current }) => current),
  );
  const start = Math.min(Math.max(0, first - 1), items.length - room);
  return items.slice(start, start + room).map(({ row }) => row);
}
