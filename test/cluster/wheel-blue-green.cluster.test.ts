import { personAtTheWheel } from './at-the-wheel.js';

personAtTheWheel(
  'blue-green',
  ['apply', 'ready', 'smoke', 'shift', 'verify', 'analyse', 'promote', 'ready', 'verify', 'shift', 'verify', 'retire'],
  [
    { step: 3, ms: 60 },
    { step: 6, ms: 1_500 },
    { step: 11, ms: 300 },
  ],
);
