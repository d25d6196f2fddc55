import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@shepherd/core';
import { metricsProviderCases } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { jsonMetrics } from './json-metrics.js';

describe('the contract of a metrics provider', () => {
  const cases = metricsProviderCases(
    (url) => jsonMetrics({ url, token: () => 'test' }),
    (_, counts) => {
      if (counts === 'no-data') return {};
      const { requests, errors, slow } = counts;
      return {
        requests,
        errors,
        latency: [
          { le: 0.5, count: requests - (slow[0] ?? 0) },
          { le: null, count: requests },
        ],
      };
    },
  );
  for (const { name, run } of cases) test(name, run);
});

test('preflight finds a token that is refused', async () => {
  const server = createServer((_, response) => void response.writeHead(401).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = { app: { cluster: 'test', namespace: 'shop', name: 'web' }, rolloutId: undefined, signal: new AbortController().signal, clock: systemClock };
  expect(await jsonMetrics({ url }).preflight?.(context)).toMatchObject([
    { level: 'error', message: 'metrics cannot be read: answered 401', fix: 'correct url and token' },
  ]);
  await new Promise((resolve) => server.close(resolve));
});

test('it is short', () => {
  expect(readFileSync(join(import.meta.dirname, 'json-metrics.ts'), 'utf8').split('\n').length).toBeLessThanOrEqual(150);
});
