import { kubernetes } from '@shepherd/kube';
import { expect, test } from 'vitest';
import { helm } from './helm.js';

test('whatever a platform can do, it can do with charts', () => {
  // A step for Jobs is no part of the port: it is taken from the platform that makes them.
  const { job: _, ...given } = kubernetes();
  const made = helm(given);
  expect(Object.keys(given).filter((each) => !(each in made))).toEqual([]);
});
