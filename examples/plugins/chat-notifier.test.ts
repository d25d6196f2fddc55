import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notifierCases } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { chat } from './chat-notifier.js';

describe('the contract of a notifier', () => {
  const cases = notifierCases(
    (url) => chat({ url: `${url}/messages`, token: () => 'test' }),
    () => ({ id: 'm1' }),
  );
  for (const { name, run } of cases) test(name, run);
});

test('it is short', () => {
  const lines = readFileSync(join(import.meta.dirname, 'chat-notifier.ts'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.length).toBeLessThanOrEqual(30);
});
