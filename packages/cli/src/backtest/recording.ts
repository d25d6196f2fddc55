import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { invalidOptions, type MetricsReading } from '@shepherd/core';
import type { LatencyBounds } from '@shepherd/core/analysis';
import { z } from 'zod';

/** First line of a recording: what the readings do not say of themselves. May be missing; then no latency is judged. */
export interface RecordingHead {
  readonly kind: 'recording';
  readonly app?: string | undefined;
  /** Seconds between two readings. */
  readonly every?: number | undefined;
  /** ISO 8601; pods that started since count from zero. */
  readonly from?: string | undefined;
  readonly latency?: LatencyBounds | undefined;
}

const track = z.enum(['stable', 'candidate']);
const counts = { requests: z.number(), errors: z.number(), slow: z.array(z.number()) };
const target = z.object({ ...counts, track, target: z.string(), startedAt: z.string().optional(), sampledAt: z.string() });
const tracks = z
  .object({ stable: z.object(counts).optional(), candidate: z.object(counts).optional() })
  .transform(({ stable, candidate }) => ({ stable, candidate }));
const reading = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('counters'), at: z.string(), targets: z.array(target) }),
  z.object({ kind: z.literal('increments'), since: z.string(), at: z.string(), tracks }),
  z.object({ kind: z.literal('unavailable'), reason: z.enum(['no-data', 'stale', 'invalid', 'partial', 'unreachable']), detail: z.string() }),
]);
const head: z.ZodType<RecordingHead> = z.object({
  kind: z.literal('recording'),
  app: z.string().optional(),
  every: z.number().positive().optional(),
  from: z.string().optional(),
  latency: z.object({ compare: z.array(z.number()), limit: z.object({ test: z.number(), certify: z.number().optional() }).optional() }).optional(),
});

/** @param line from 1 */
const refuse = (file: string, line: number | undefined, got: string): never => {
  const where = line === undefined ? file : `${file}:${line}`;
  throw invalidOptions(
    [{ path: '--file', got: `${where}: ${got}`, expected: 'one reading of the metrics a line, as JSON' }],
    'record one with shepherd backtest APP --prometheus URL --range FROM/TO --save FILE',
  );
};

const problem = ({ issues: [issue] }: z.ZodError): string => `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'not a reading'}`;

/** The readings of a file, with its head first where it has one. @throws ShepherdError ERR_INVALID_OPTIONS with the number of the line */
export async function* readRecording(file: string): AsyncGenerator<RecordingHead | MetricsReading> {
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() !== '') yield parsed(text, file, line);
    }
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    refuse(file, undefined, error.message);
  }
}

function parsed(text: string, file: string, line: number): RecordingHead | MetricsReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse(file, line, 'no JSON');
  }
  const isHead = line === 1 && (json as { kind?: unknown } | null)?.kind === 'recording';
  const found = isHead ? head.safeParse(json) : reading.safeParse(json);
  return found.success ? found.data : refuse(file, line, problem(found.error));
}
