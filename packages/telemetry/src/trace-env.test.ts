import * as api from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { contextOf } from './trace-env.js';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

test('a parent with its state and baggage', () => {
  const context = contextOf(api, { TRACEPARENT: `00-${id}-${span}-01`, TRACESTATE: 'a=1,b=2', BAGGAGE: 'team=shop%20one;p=1, bad, x=%E0%A4%A' });
  const parent = api.trace.getSpanContext(context);
  expect(parent).toMatchObject({ traceId: id, spanId: span, traceFlags: 1, isRemote: true });
  expect(parent?.traceState?.serialize()).toBe('a=1,b=2');
  expect(api.propagation.getBaggage(context)?.getAllEntries()).toEqual([
    ['team', { value: 'shop one' }],
    ['x', { value: '%E0%A4%A' }],
  ]);
});

test.each([
  undefined,
  '',
  'nothing',
  `ff-${id}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${id}-${'0'.repeat(16)}-01`,
  `00-${id.toUpperCase()}-${span}-01`,
  `00-${id}-${span}`,
])('%s is no parent', (TRACEPARENT) => {
  expect(api.trace.getSpanContext(contextOf(api, { TRACEPARENT, TRACESTATE: 'a=1', BAGGAGE: 'a=1' }))).toBeUndefined();
});
