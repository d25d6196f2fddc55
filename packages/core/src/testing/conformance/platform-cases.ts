import { autoscalerCases } from './autoscaler-cases.js';
import type { Case } from './case.js';
import type { CreateFixture } from './fixture.js';
import { httpCases } from './http-cases.js';
import { journalCases } from './journal-cases.js';
import { lockCases } from './lock-cases.js';
import { releasesCases } from './releases-cases.js';
import { routerCases } from './router-cases.js';
import { tracksCases } from './tracks-cases.js';

/** All ports of a platform: `for (const { name, run } of platformCases(create)) test(name, run)`. */
export const platformCases = <R>(create: CreateFixture<R>): readonly Case[] => [
  ...journalCases(create),
  ...lockCases(create),
  ...releasesCases(create),
  ...tracksCases(create),
  ...routerCases(create),
  ...httpCases(create),
  ...autoscalerCases(create),
];
