import { expect, test } from 'vitest';
import type { Acknowledgement } from './acknowledgements.js';
import { checklistOf, checklistText, type Evidence } from './checklist.js';
import { items, phases } from './items.js';

const subject = { phase: 'pre', app: 'shop/web', release: ['r/web:1.3.0'], required: [], skip: [] } as const;
const ack = (id: string, reason = 'CR-7'): Acknowledgement => ({
  id,
  app: 'shop/web',
  release: ['r/web:1.3.0'],
  by: 'ann',
  reason,
  at: '2026-11-26T10:00:00.000Z',
});
const entry = (evidence: Evidence, acknowledged: readonly Acknowledgement[], id: string, more: object = {}) =>
  checklistOf({ ...subject, ...more }, evidence, acknowledged).items.find((each) => each.id === id);

test('the 46 items of the guide, in three lists, each with an id of its own', () => {
  expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 46 }, (_, at) => `I${at + 1}`));
  expect(phases.map((phase) => items.filter((item) => item.phase === phase).length)).toEqual([18, 12, 16]);
  for (const { by, source } of items) expect(by === 'person' || source !== undefined).toBe(true);
});

test.each<[string, Evidence, readonly Acknowledgement[], object]>([
  ['done', { I8: { state: 'done', says: '' } }, [], {}],
  ['open', {}, [], {}],
  ['acknowledged', {}, [ack('I8')], {}],
  ['acknowledged', { I8: { state: 'open', says: 'unknown' } }, [ack('I8')], {}],
  // Evidence against it stands whatever a person says.
  ['failed', { I8: { state: 'failed', says: '' } }, [ack('I8')], {}],
  ['done', { I8: { state: 'done', says: '' } }, [ack('I8')], {}],
  ['skipped', { I8: { state: 'failed', says: '' } }, [], { skip: ['I8'], required: ['I8'] }],
])('%s: %j', (state, evidence, acknowledged, more) => {
  expect(entry(evidence, acknowledged, 'I8', more)?.state).toBe(state);
});

test('nobody can tick what evidence alone decides', () => {
  expect(entry({}, [ack('I9')], 'I9')).toMatchObject({ state: 'open', by: 'evidence' });
});

test('what is required and not done blocks', () => {
  const list = checklistOf({ ...subject, required: ['I2', 'I8', 'I9', 'I14'] }, { I8: { state: 'done', says: '' }, I9: { state: 'failed', says: '' } }, [
    ack('I14'),
  ]);
  expect(list.blocked).toEqual(['I2', 'I9']);
  expect(list.counts).toEqual({ done: 1, acknowledged: 1, open: 15, failed: 1, skipped: 0 });
});

test('the newest word of a person counts', () => {
  expect(entry({}, [ack('I2', 'first'), ack('I2', 'second')], 'I2')?.says).toContain('second');
});

test('as Markdown: every item a task; what is not ours is made harmless', () => {
  const text = checklistText(checklistOf(subject, { I8: { state: 'done', says: '<img src=x> [a](javascript:b)\n# head\u001b[31m' } }, [ack('I2')]));
  expect(text.match(/^- \[/gm)).toHaveLength(18);
  expect(text).toContain('- [x] I2 Security review, if it is required. acknowledged by ann, 2026-11-26: CR-7');
  expect(text).toContain('- [x] I8 The release succeeded in staging. \\<img src=x\\> \\[a\\](javascript:b) # head \\[31m');
  expect(text).not.toContain('\u001b');
});
