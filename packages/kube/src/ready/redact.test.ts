import { expect, test } from 'vitest';
import { redact } from './redact.js';

test.each([
  ['Authorization: Bearer abc.def-1', 'Authorization: Bearer ***'],
  ['connect to postgres://shop:hunter2@db:5432/shop failed', 'connect to postgres://shop:***@db:5432/shop failed'],
  ['DB_PASSWORD=hunter2 PORT=80', 'DB_PASSWORD=*** PORT=80'],
  ['{"apiKey":"k-1","port":80}', '{"apiKey":***,"port":80}'],
  ['listens on :8080', 'listens on :8080'],
])('%s', (line, expected) => {
  expect(redact(line)).toBe(expected);
});
