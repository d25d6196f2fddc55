import { describe, expect, test } from 'vitest';
import { ApiError } from './api-error.js';
import { alertRulesOf, speaksOf } from './rules.js';

const body = (data: unknown) => ({ data, warnings: [] });
const rule = (query: string, labels: Record<string, string> = {}) => ({ name: 'a', query, labels });

describe('what Prometheus answers of its rules', () => {
  test('those that alert, of all groups, and why one is broken', () => {
    const groups = [
      { name: 'one', rules: [{ type: 'recording', name: 'r', query: 'up' }] },
      {
        name: 'two',
        rules: [
          { type: 'alerting', name: 'A', query: 'up == 0', labels: { severity: 'page', at: 3 }, health: 'ok' },
          { type: 'alerting', name: 'B', query: 'x', health: 'err', lastError: 'many-to-many\nmatching' },
        ],
      },
    ];
    expect(alertRulesOf(body({ groups }))).toEqual([
      { name: 'A', query: 'up == 0', labels: { severity: 'page' } },
      { name: 'B', query: 'x', labels: {}, error: 'many-to-many matching' },
    ]);
    expect(alertRulesOf(body({ groups: [] }))).toEqual([]);
  });

  test.each([[undefined], [[]], [{}], [{ groups: 'none' }]])('%j is no answer', (data) => {
    expect(() => alertRulesOf(body(data))).toThrow(ApiError);
  });
});

test.each([
  ['rate(http_requests_total{namespace="shop"}[5m]) > 1', true],
  ["up{namespace='shop'} == 0", true],
  ['up{namespace=`shop`} == 0', true],
  ['up{namespace=~"shop|billing"} == 0', true],
  ['up{namespace =~ "(billing|shop)"} == 0', true],
  ['up{pod=~"web-.*"} == 0', true],
  ['up{pod=~"web.+"} == 0', true],
  ['up{namespace="shopping"} == 0', false],
  ['up{pod=~"web-admin-.*"} == 0', false],
  ['up{namespace!="shop"} == 0', false],
  ['up == 0', false],
])('%s speaks of it: %s', (query, is) => {
  expect(speaksOf(rule(query), ['shop', 'web'])).toBe(is);
});

test('a label of the rule speaks of it too', () => {
  expect(speaksOf(rule('up == 0', { app: 'web' }), ['shop', 'web'])).toBe(true);
});
