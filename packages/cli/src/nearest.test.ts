import { expect, test } from 'vitest';
import { nearest } from './nearest.js';

const strategies = ['rolling', 'blue-green', 'canary'];

test.each([
  ['bluegreen', 'blue-green'],
  ['Blue_Green', 'blue-green'],
  ['can', 'canary'],
  ['roling', 'rolling'],
  ['rolling-update', 'rolling'],
  ['', undefined],
  ['x', undefined],
])('%s means %s', (given, meant) => {
  expect(nearest(given, strategies)).toBe(meant);
});
