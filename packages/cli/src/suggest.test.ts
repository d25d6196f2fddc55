import { expect, test } from 'vitest';
import { suggestStrategy } from './suggest.js';

test.each([
  ['r/web:v1.2.0', 'r/web:v1.2.1', 'rolling', 'v1.2.0 → v1.2.1 is a patch'],
  ['r/web:1.2.0', 'r/web:1.3.0', 'rolling', '1.2.0 → 1.3.0 is a minor version'],
  ['r/web:v1.9.3', 'r/web:v2.0.0', 'blue-green', 'v1.9.3 → v2.0.0 is another major version'],
  ['host:5000/web:2.0.0', 'host:5000/web:1.9.0', 'blue-green', '2.0.0 → 1.9.0 is another major version'],
  ['r/web:1.2.0-rc.1@sha256:aa', 'r/web:1.2.0@sha256:bb', 'rolling', '1.2.0-rc.1 → 1.2.0 is a patch'],
  ['r/web:1.2.0', 'r/web:1.2.0', 'rolling', 'only configuration changes'],
])('%s → %s: %s', (from, to, strategy, why) => expect(suggestStrategy({ from: [from, 'side:1'], to: [to, 'side:1'] })).toEqual({ strategy, why }));

test('the biggest change of several containers counts', () =>
  expect(suggestStrategy({ from: ['a:1.0.0', 'b:1.0.0'], to: ['a:1.0.1', 'b:2.0.0'] })?.strategy).toBe('blue-green'));

test('high risk is a canary, whatever the version', () =>
  expect(suggestStrategy({ from: ['r/web:1.0.0'], to: ['r/web:2.0.0'], risk: 'high' })).toEqual({ strategy: 'canary', why: 'risk is high' }));

test.each([
  ['a tag that is no version', ['r/web:blue'], ['r/web:green']],
  ['a digest alone', ['r/web@sha256:aa'], ['r/web@sha256:bb']],
  ['another image', ['r/web:1.0.0'], ['r/api:1.0.1']],
  ['a first release', [], ['r/web:1.0.0']],
])('%s suggests nothing', (_, from, to) => expect(suggestStrategy({ from, to })).toBeUndefined());
