import { expect, test } from 'vitest';
import { judgeHealth } from './judge-answer.js';

const now = Date.parse('2026-01-01T12:00:00Z');
const well = { status: 'healthy', database: 'connected', timestamp: '2026-01-01T11:59:30.000Z' };

test.each<readonly [number, unknown, boolean, string]>([
  [200, well, true, ''],
  [503, well, false, 'answered 503'],
  [200, { ...well, status: 'degraded' }, false, 'status "degraded"'],
  [200, { ...well, database: 'disconnected' }, false, 'database "disconnected"'],
  [200, { ...well, timestamp: '2026-01-01T11:00:00Z' }, false, 'older than 5 minutes'],
  [200, { ...well, timestamp: 'noon' }, false, 'no ISO 8601'],
  [200, { status: 'ok' }, true, 'no timestamp'],
  [204, 'not json at all', true, 'no JSON'],
])('%d %j', (status, body, ok, says) => {
  const judged = judgeHealth({ status, text: typeof body === 'string' ? body : JSON.stringify(body) }, now);
  expect(judged.ok).toBe(ok);
  expect(judged.says.join('; ')).toContain(says);
});
