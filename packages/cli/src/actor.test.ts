import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { personHere } from './actor.js';

test('a person has a name and a machine, whatever the shell exports; CI is named by core', () => {
  expect(personHere({ USER: 'ada' })).toEqual({ name: `ada@${hostname()}`, kind: 'human' });
  expect(personHere({})?.name).toMatch(/^[^@]+@[^@]+$/);
  expect([personHere({ CI: 'true' }), personHere({ GITHUB_ACTOR: 'ada' })]).toEqual([undefined, undefined]);
});
