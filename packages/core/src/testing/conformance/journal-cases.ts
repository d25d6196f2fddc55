import assert from 'node:assert/strict';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, drained, refused } from './fixture.js';

/** The contract of a journal. */
export const journalCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'an app without a rollout has no record': async ({ platform: { journal }, read }) => {
      assert.equal(await journal.load(read()), undefined);
    },
  });
