import { expect, test } from 'vitest';
import { errorLinesOf, tellsOfTrouble } from './error-lines.js';

test.each([
  '2026-11-26T10:00:00Z ERROR could not write',
  '{"level":"error","msg":"late"}',
  'level=fatal msg="out of disk"',
  'TypeError: x is not a function',
  'java.lang.IllegalStateException: closed',
  'panic: runtime error: index out of range',
  'Traceback (most recent call last):',
  'E1126 10:00:00.000 controller.go:7] sync failed',
  'connection to mongodb failed',
  '2 errors in 5 minutes',
])('%s tells of trouble', (line) => expect(tellsOfTrouble(line)).toBe(true));

test.each([
  'listening on 5000',
  'GET /terrors 200',
  'done with 0 errors',
  'migrated without errors',
  '{"level":"info","error":null,"msg":"ok"}',
  'requests=10 errors=0 p99=12ms',
  '{"failed":0,"passed":12}',
  'failover is ready',
])('%s does not', (line) => expect(tellsOfTrouble(line)).toBe(false));

test('of each container the lines that tell, without credentials and control characters, the newest twenty', () => {
  const lines = [...Array.from({ length: 30 }, (_, index) => `error ${index}`), '\u001b[31mERROR\u001b[0m whsec_hunter2hunter2\u0007 refused', 'well'];
  const logs = [
    { pod: 'web-2', container: 'web', lines: ['fine'] },
    { pod: 'web-1', container: 'web', lines },
    { pod: 'web-3', container: 'web', lines: [], unread: 'not allowed to get pods/log' },
  ];
  const [first, ...rest] = errorLinesOf(logs);
  expect(first).toMatchObject({ pod: 'web-1', of: 32 });
  expect(first?.lines).toHaveLength(20);
  expect(first?.lines.at(-1)).toMatch(/^ERROR \*\*\* refused$/);
  expect(JSON.stringify(first)).not.toContain('hunter2');
  expect(rest).toEqual([
    { pod: 'web-2', container: 'web', of: 1, lines: [] },
    { pod: 'web-3', container: 'web', of: 0, lines: [], unread: 'not allowed to get pods/log' },
  ]);
});
