import { expect, test } from 'vitest';
import { client } from '../api-fixture.js';
import type { Wire } from '../json.js';

const path = '/apis/events.k8s.io/v1/namespaces/default/events';
const event = (more: Wire = {}): Wire => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'web.1' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'shepherd.dev/engine',
  reportingInstance: 'one',
  action: 'Releasing',
  reason: 'RolloutStarted',
  regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' },
  note: 'it begins',
  type: 'Normal',
  ...more,
});

test('what is made by the newer API is the same object by the older one, under its names', async () => {
  const api = client();
  const made = await api.post(path, event());
  expect(made).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'Event', note: 'it begins', regarding: { name: 'web' } });
  const core = await api.get('/api/v1/namespaces/default/events/web.1');
  expect(core).toMatchObject({
    apiVersion: 'v1',
    message: 'it begins',
    involvedObject: { kind: 'Deployment', name: 'web' },
    reportingComponent: 'shepherd.dev/engine',
    eventTime: '2026-01-01T00:00:00.000000Z',
    metadata: { uid: made.metadata.uid },
  });
  expect(core).not.toHaveProperty('note');
  const { items, kind, apiVersion } = await api.get(path);
  expect([kind, apiVersion, items.map(({ note }: Wire) => note)]).toEqual(['EventList', 'events.k8s.io/v1', ['it begins']]);
  const repeated = await api.patch(`${path}/web.1`, { series: { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' }, note: 'again' });
  expect(repeated).toMatchObject({ note: 'again', series: { count: 2 } });
  expect(await api.get('/api/v1/namespaces/default/events/web.1')).toMatchObject({ message: 'again', series: { count: 2 } });
});

const refused: readonly (readonly [string, Wire, number, RegExp])[] = [
  ['three digits of a second', { eventTime: '2026-01-01T00:00:00.000Z' }, 400, /parsing time/],
  ['no time', { eventTime: undefined }, 422, /eventTime: Required/],
  ['no controller', { reportingController: '' }, 422, /reportingController: Required/],
  ['a controller that is no name', { reportingController: 'a/b/c' }, 422, /reportingController: Invalid/],
  ['no instance', { reportingInstance: '' }, 422, /reportingInstance: Required/],
  ['a long instance', { reportingInstance: 'x'.repeat(129) }, 422, /at most 128/],
  ['no action', { action: '' }, 422, /action: Required/],
  ['no reason', { reason: '' }, 422, /reason: Required/],
  ['a long note', { note: 'x'.repeat(1_025) }, 422, /at most 1024/],
  ['another type', { type: 'Info' }, 422, /invalid value: Info/],
  ['an object of another namespace', { regarding: { kind: 'Deployment', namespace: 'other', name: 'web' } }, 422, /does not match/],
  ['fields of the older API', { deprecatedCount: 3 }, 422, /needs to be unset/],
];
test.each(refused)('%s is refused', async (_, more, status, message) => {
  const answer = await client().raw('POST', path, event(more));
  expect([answer.status, ((await answer.json()) as Wire).message]).toEqual([status, expect.stringMatching(message)]);
});
