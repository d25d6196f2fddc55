import { ShepherdError } from '@shepherd/core';
import { expect, test } from 'vitest';
import { loopback } from './__fixtures__/loopback.js';
import { contextOf } from './__fixtures__/request.js';
import { vector } from './__fixtures__/rows.js';
import { prometheus } from './index.js';

const alert = (alertname: string) => ({ metric: { alertname }, value: [0, '1'] });

test('alerts that fire in the namespace of the app, by name', async () => {
  await using server = await loopback(() => ({ body: vector([alert('HighErrorRate'), alert('DiskFull')]) }));
  const provider = prometheus({ url: server.url, labels: { namespace: 'ns' }, where: [{ label: 'cluster', op: '=', value: 'eu' }] });
  const context = contextOf();
  expect(await provider.alerts?.(context)).toEqual(['DiskFull', 'HighErrorRate']);
  expect(server.received.map(({ form }) => form.get('query'))).toEqual([
    `max by (alertname) (ALERTS{alertstate="firing",ns="${context.app.namespace}",cluster="eu"})`,
  ]);
});

test('a Prometheus that refuses is an error, not "no alert"', async () => {
  await using server = await loopback(() => ({ status: 403, body: 'no' }));
  await expect(prometheus({ url: server.url }).alerts?.(contextOf())).rejects.toSatisfy((error) => ShepherdError.is(error));
});

test('rules that name the app or its namespace, and which of them are broken', async () => {
  const context = contextOf();
  const rules = [
    { type: 'alerting', name: 'Slow', query: `x{namespace="${context.app.namespace}"} > 1`, health: 'ok' },
    { type: 'alerting', name: 'Down', query: `up{pod=~"${context.app.name}-.*"} == 0`, health: 'err', lastError: 'no' },
    { type: 'alerting', name: 'Other', query: 'up{namespace="other"} == 0', health: 'ok' },
  ];
  await using server = await loopback(() => ({ body: { status: 'success', data: { groups: [{ name: 'g', rules }] } } }));
  expect(await prometheus({ url: server.url }).alertRules?.(context)).toEqual([{ name: 'Down', broken: 'no' }, { name: 'Slow' }]);
  expect(server.received.map(({ method, path }) => [method, path])).toEqual([['GET', '/api/v1/rules']]);
  await using refusing = await loopback(() => ({ status: 403, body: 'no' }));
  await expect(prometheus({ url: refusing.url }).alertRules?.(context)).rejects.toSatisfy((error) => ShepherdError.is(error));
});
