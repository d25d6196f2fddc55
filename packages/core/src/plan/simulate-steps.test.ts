import { expect, test } from 'vitest';
import { promote, roll } from '../steps/index.js';
import { simulateSteps } from './simulate-steps.js';
import type { Target } from './situation.js';

const track = { revision: { hash: 'a', owner: 'test', images: [], at: '', verified: true }, replicas: 4, ready: 4 };
const target: Target = {
  app: { cluster: 'test', namespace: 'default', name: 'web' },
  replicas: 4,
  stable: track,
  candidate: undefined,
  weight: 0,
  touched: false,
  router: { name: 'test', granularity: 'replicas' },
};

test.each([
  [undefined, 5],
  [0, 4],
  [3, 7],
])('replacing four pods with a surge of %s takes %i pods at once (RR PT-12)', (surge, peak) => {
  const of = { ...target, ...(surge === undefined ? {} : { surge }) };
  expect(simulateSteps([of], [roll(of)], 0).peakPods).toBe(peak);
  const beside = { ...of, candidate: { ...track, isolated: true } };
  expect(simulateSteps([beside], [promote(beside)], 0).peakPods).toBe(peak + 4);
});
