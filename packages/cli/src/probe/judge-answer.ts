/** What a public answer says of itself (GC J5, J6). */
export interface AnswerJudgement {
  readonly ok: boolean;
  readonly says: readonly string[];
}

const wellWords: ReadonlySet<string> = new Set(['healthy', 'ok', 'up', 'pass', 'passing']);
const staleMs = 5 * 60_000;

/** Status, and where the body is JSON that speaks of health: its status, its database, and a timestamp that is not old. Pure. */
export function judgeHealth({ status, text }: { readonly status: number; readonly text: string }, nowMs: number): AnswerJudgement {
  if (status < 200 || status > 299) return { ok: false, says: [`answered ${status}, expected 200`] };
  const body = jsonOf(text);
  if (body === undefined) return { ok: true, says: ['no JSON: only the status was looked at'] };
  const wrong = [
    ...('status' in body && !wellWords.has(String(body['status']).toLowerCase()) ? [`says status ${JSON.stringify(body['status'])}`] : []),
    ...('database' in body && body['database'] !== 'connected' ? [`says database ${JSON.stringify(body['database'])}`] : []),
    ...timestampTrouble(body['timestamp'], nowMs),
  ];
  return wrong.length === 0
    ? { ok: true, says: body['timestamp'] === undefined ? ['has no timestamp: a cached answer would look the same'] : [] }
    : { ok: false, says: wrong };
}

function timestampTrouble(value: unknown, nowMs: number): readonly string[] {
  if (value === undefined) return [];
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return [`timestamp ${JSON.stringify(value)} is no ISO 8601 time`];
  return nowMs - at > staleMs ? [`timestamp ${String(value)} is older than 5 minutes: the answer is a cached one, or a clock is wrong`] : [];
}

function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const body = JSON.parse(text) as unknown;
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
