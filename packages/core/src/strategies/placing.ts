import type { Use } from '../extend/definition.js';

// These ask about traffic or about the whole app, so they say nothing about pods that have none.
const whileServing: ReadonlySet<string> = new Set(['shepherd/endpoints', 'shepherd/replicas', 'shepherd/quiet']);
/** A process in a pod costs more than a request: when pods are new and when all is done, not every few seconds. */
const costly: ReadonlySet<string> = new Set(['shepherd/exec']);
const slow: ReadonlySet<string> = new Set(['shepherd/quiet']);

/** The checks that make sense on pods without traffic, and again and again while watching. */
export const beforeTraffic = (checks: readonly Use<'check'>[]): readonly Use<'check'>[] => checks.filter(({ use }) => !whileServing.has(use));

/** Without those that take a minute, where a watch of their own follows anyway. */
export const quick = (checks: readonly Use<'check'>[]): readonly Use<'check'>[] => checks.filter(({ use }) => !slow.has(use));

/** What a watch asks again and again. */
export const cheap = (checks: readonly Use<'check'>[]): readonly Use<'check'>[] => checks.filter(({ use }) => !costly.has(use));
