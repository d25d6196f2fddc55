import { expect, test } from 'vitest';
import { type PreFacts, preEvidence } from './pre-evidence.js';

const facts = (signs: PreFacts['signs']): PreFacts => ({
  app: { cluster: 'c', namespace: 'shop', name: 'web' },
  findings: undefined,
  release: [],
  revisions: [],
  serving: undefined,
  earlier: undefined,
  signs,
  now: new Date('2026-11-26T10:00:00Z'),
});

test.each<[string, PreFacts['signs'], string]>([
  ['no Prometheus', { alertRules: undefined }, 'open: no Prometheus is named'],
  ['it does not answer', { alertRules: undefined, alertRulesUnread: 'cannot be reached' }, 'open: cannot be reached'],
  ['no rule names it', { alertRules: [] }, 'open: no alert rule of its Prometheus names the app or its namespace'],
  ['rules that work', { alertRules: [{ name: 'A' }, { name: 'B' }] }, 'done: rules that call for it: A, B'],
  ['one is broken', { alertRules: [{ name: 'A' }, { name: 'B', broken: 'parse error' }] }, 'failed: B: parse error'],
])('alert rules: %s', (_, signs, wanted) => {
  const found = preEvidence(facts(signs), {}).I13;
  expect(`${found?.state}: ${found?.says}`).toBe(wanted);
});
