import { personAtTheWheel } from './at-the-wheel.js';

personAtTheWheel(
  'canary',
  ['apply', 'shift', 'smoke', 'analyse', 'shift', 'analyse', 'promote', 'ready', 'verify', 'shift', 'verify', 'retire'],
  [
    { step: 1, ms: 1_000 },
    { step: 4, ms: 1_200 },
    { step: 6, ms: 1_500 },
  ],
);
