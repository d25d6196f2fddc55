import { open } from 'node:fs/promises';
import {
  type Clock,
  invalidOptions,
  type LatencyBound,
  type MetricsProvider,
  type MetricsReading,
  type PortContext,
  type TrackName,
  type TrackSelector,
  toMs,
} from '@shepherd/core';
import { boundsOf, type LatencyBounds, limitBounds } from '@shepherd/core/analysis';
import { type Backtest, Backtester, type BacktestSetup, latencyFor, readHistory } from '@shepherd/core/backtest';
import { type RecordingHead, readRecording } from '../backtest/recording.js';
import { loadSettings } from '../config/load-config.js';
import { type BacktestInput, backtestInput, type FileSource, type PrometheusSource } from '../flags/backtest-input.js';
import type { BacktestFlags } from '../flags/flags.js';
import { withInterrupt } from '../interrupt.js';
import { schemaVersion } from '../ledger.js';
import { connectMetrics } from '../metrics.js';
import { backtestLines, latencyLine } from '../render/backtest-lines.js';
import type { World } from '../world.js';

const linesForPeople = 24;
const defaultEvery = 15;

interface Judged {
  readonly result: Backtest;
  readonly latency: LatencyBounds;
  /** What was judged, for people. */
  readonly title: string;
  readonly pods?: Readonly<Record<TrackName, readonly string[]>>;
}

/** Says what the gate of a stage would have decided of recorded metrics. Reads, and writes nothing but the file of `--save`. */
export async function backtest(argument: string | undefined, flags: BacktestFlags, world: World): Promise<number> {
  const { io, clock } = world;
  const input = backtestInput(argument, flags, await loadSettings(flags, io), { cwd: io.cwd, nowMs: clock.now().getTime() });
  const polls = flags.json === true ? undefined : linesForPeople;
  return withInterrupt(io, async (interrupt) => {
    const { source } = input;
    const judged = await (source.kind === 'file' ? overFile(input, source, polls) : overPrometheus(input, source, polls, clock, interrupt.abortSignal));
    const { result, latency, title, pods } = judged;
    const exitCode = { promote: 0, rollback: 3, pause: 7, undecided: 7 }[result.kind];
    if (flags.json === true)
      io.stdout.write(`${JSON.stringify({ schemaVersion, type: 'result', ...result, latency, ...(pods === undefined ? {} : { pods }), exitCode })}\n`);
    else io.stdout.write(`${[title, latencyLine(latency), ...backtestLines(result)].join('\n')}\n`);
    return exitCode;
  });
}

const setupOf = ({ options, stageSeconds }: BacktestInput, more: Pick<BacktestSetup, 'pollSeconds' | 'latency' | 'bornSince' | 'polls'>): BacktestSetup => ({
  options,
  stageSeconds,
  ...more,
});

async function overFile(input: BacktestInput, { file }: FileSource, polls: number | undefined): Promise<Judged> {
  let run: Backtester | undefined;
  let head: RecordingHead = { kind: 'recording' };
  let latency: LatencyBounds = { compare: [] };
  let pollSeconds = input.everySeconds ?? defaultEvery;
  for await (const line of readRecording(file)) {
    if (line.kind === 'recording') {
      head = line;
      continue;
    }
    if (run === undefined) {
      latency = recordedLatency(head, input);
      pollSeconds = input.everySeconds ?? head.every ?? defaultEvery;
      run = new Backtester(setupOf(input, { pollSeconds, latency, polls, ...(head.from === undefined ? {} : { bornSince: head.from }) }));
    }
    run.take(boundsOf(latency).length === 0 ? withoutLatency(line) : line);
  }
  if (run === undefined) throw invalidOptions([{ path: '--file', got: `${file}: no reading`, expected: 'one reading of the metrics a line, as JSON' }]);
  return { result: run.result(), latency, title: `${head.app ?? 'the app'} in ${file}: a stage of ${input.stageSeconds} s, a poll each ${pollSeconds} s` };
}

/** What a recording can tell of latency. @throws ShepherdError ERR_INVALID_OPTIONS for a limit that it cannot */
function recordedLatency({ latency = { compare: [] } }: RecordingHead, { options }: BacktestInput): LatencyBounds {
  const asked = options.latency;
  if (asked === undefined) return latency;
  const known = boundsOf(latency);
  const limit = limitBounds(toMs(asked.max) / 1_000, known);
  // Slow requests were counted at these bounds and at no others.
  if (limit !== undefined && boundsOf({ ...latency, limit }).length === known.length) return { ...latency, limit };
  throw invalidOptions(
    [
      {
        path: '--latency-threshold',
        got: asked.max,
        expected:
          known.length === 0
            ? 'nothing: this recording has no latency'
            : `at most the highest bound of the recording (${known.map((bound) => `${bound * 1_000} ms`).join(', ')})`,
      },
    ],
    'record it anew with this threshold: shepherd backtest APP --range FROM/TO --latency-threshold MS --save FILE',
  );
}

/** Slow counts whose bounds nobody knows. */
const withoutLatency = (reading: MetricsReading): MetricsReading =>
  reading.kind === 'counters' ? { ...reading, targets: reading.targets.map((target) => ({ ...target, slow: [] })) } : reading;

async function overPrometheus(input: BacktestInput, source: PrometheusSource, polls: number | undefined, clock: Clock, signal: AbortSignal): Promise<Judged> {
  const { app, from, to, save } = source;
  const every = input.everySeconds ?? defaultEvery;
  const metrics = (await connectMetrics(source.settings)) as MetricsProvider;
  const context: PortContext = { app, rolloutId: undefined, signal, clock };
  try {
    const pods = await podsOf(metrics, source, input.options.against === 'limits' ? ['candidate'] : ['candidate', 'stable'], context);
    const [stable, candidate] = [selectorOf('stable', pods.stable), selectorOf('candidate', pods.candidate)];
    const known = stable === undefined ? undefined : await boundsAround(metrics, stable, source, context);
    const latency = latencyFor(input.options, known);
    const run = new Backtester(setupOf(input, { pollSeconds: every, latency, bornSince: from, polls }));
    const head: RecordingHead = { kind: 'recording', app: `${app.namespace}/${app.name}`, every, from, latency };
    await using file = save === undefined ? undefined : await recorder(save, head);
    for await (const reading of readHistory(metrics, { from, to, every: `${every}s`, bounds: boundsOf(latency), tracks: { stable, candidate } }, context)) {
      await file?.write(reading);
      if (run.take(reading) && file === undefined) break;
    }
    const count = (track: TrackName): string => `${pods[track].length} ${pods[track].length === 1 ? 'pod' : 'pods'} of ${track}`;
    const title = `${head.app}: ${count('candidate')}, ${count('stable')}, ${from} to ${to}: a stage of ${input.stageSeconds} s, a poll each ${every} s`;
    return { result: run.result(), latency, title, pods };
  } finally {
    await metrics[Symbol.asyncDispose]?.();
  }
}

/** As a rollout would have asked before its first write; of an app that was not counted before that, what it did until the end. */
async function boundsAround(
  metrics: MetricsProvider,
  stable: TrackSelector,
  { from, to }: PrometheusSource,
  context: PortContext,
): Promise<readonly LatencyBound[] | undefined> {
  const { clock } = context;
  for (const time of [from, to]) {
    const then: Clock = { now: () => new Date(time), monotonicMs: () => clock.monotonicMs(), sleep: (ms, until) => clock.sleep(ms, until) };
    const known = await metrics.bounds?.(stable, { ...context, clock: then });
    if (known === undefined || known.length > 0) return known;
  }
  return [];
}

const selectorOf = (revision: string, pods: readonly string[]) => (pods.length === 0 ? undefined : { revision, pods, labels: {} });

/** @throws ShepherdError ERR_INVALID_OPTIONS where a track that is needed has none */
async function podsOf(
  metrics: MetricsProvider,
  { app, from, to, candidate, stable }: PrometheusSource,
  needed: readonly TrackName[],
  context: PortContext,
): Promise<NonNullable<Judged['pods']>> {
  const all = (await metrics.pods?.({ from, to }, context)) ?? [];
  const found = { candidate: all.filter((pod) => candidate.test(pod)), stable: all.filter((pod) => !candidate.test(pod) && stable.test(pod)) };
  const few = all.length > 5 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : all.join(', ');
  const seen = all.length === 0 ? `no series of ${app.namespace}/${app.name} between ${from} and ${to}` : `no such pod among ${few}`;
  const issues = needed.flatMap((track) =>
    found[track].length > 0 ? [] : [{ path: `--${track}`, got: seen, expected: `pods that match ${track === 'candidate' ? candidate.source : stable.source}` }],
  );
  if (issues.length > 0)
    throw invalidOptions(
      issues,
      'correct the range or the namespace (-n), or say which pods are which: --candidate and --stable take a regular expression each',
    );
  return found;
}

/** @throws ShepherdError ERR_INVALID_OPTIONS where the file exists or cannot be written */
async function recorder(path: string, head: RecordingHead): Promise<AsyncDisposable & { write(line: object): Promise<void> }> {
  const file = await open(path, 'wx').catch((error: Error) => {
    throw invalidOptions([{ path: '--save', got: error.message, expected: 'a file that does not exist yet, in a folder that can be written' }]);
  });
  const write = async (line: object): Promise<void> => void (await file.appendFile(`${JSON.stringify(line)}\n`));
  await write(head);
  return { write, [Symbol.asyncDispose]: () => file.close() };
}
