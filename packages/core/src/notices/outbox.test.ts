import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../journal/bytes.js';
import { clean, cleanWhy, cut } from './clean.js';
import { noticeId } from './notice-id.js';
import { added, emptyOutbox, fit, type Outbox, outboxBytes, postFor, type StoredNotice, settled } from './outbox.js';

const head = { app: { cluster: 'eu', namespace: 'shop', name: 'web' }, by: { name: 'jo', kind: 'human' }, metadata: {} } as const;

const notice = (sequence: number, more: Partial<StoredNotice> = {}): StoredNotice => ({
  rolloutId: 'r1',
  sequence,
  type: 'deploy.step_completed',
  severity: 'info',
  terminal: false,
  at: '2026-01-01T00:00:00.000Z',
  title: `step ${sequence}`,
  text: 'done',
  facts: [{ key: 'to', value: 'web:1.1.0' }],
  links: [],
  to: [{ notifier: 'chat', state: 'pending', attempts: 0 }],
  ...more,
});

const notices = fc.array(
  fc.record({
    type: fc.constantFrom('deploy.started', 'deploy.step_completed', 'deploy.traffic_shifted', 'deploy.paused', 'deploy.succeeded'),
    text: fc.string({ maxLength: 600, unit: 'grapheme' }),
  }),
  { minLength: 1, maxLength: 260 },
);

describe('an outbox', () => {
  test('is bounded whatever comes, keeps the order, drops progress before anything else, and counts what it dropped', () => {
    fc.assert(
      fc.property(notices, (list) => {
        const all = list.map(({ type, text }, i) =>
          notice(i + 1, { type, text, terminal: type === 'deploy.succeeded', severity: type === 'deploy.paused' ? 'warning' : 'info' }),
        );
        const outbox = all.reduce((now, each) => added(now, 'r1', head, [each]), emptyOutbox);
        expect(outbox.notices.length).toBeLessThanOrEqual(100);
        expect(bytesOf(outbox)).toBeLessThanOrEqual(outboxBytes);
        expect(outbox.notices.length + outbox.dropped).toBe(all.length);
        const kept = outbox.notices.map(({ sequence }) => sequence);
        expect(kept).toEqual(kept.toSorted((a, b) => a - b));
        const important = all.filter(({ type }) => type === 'deploy.paused' || type === 'deploy.succeeded').length;
        const keptImportant = outbox.notices.filter(({ type }) => type === 'deploy.paused' || type === 'deploy.succeeded').length;
        if (important <= 60) expect(keptImportant).toBe(important);
      }),
      { numRuns: 100 },
    );
  });

  test('an end stays as long as anything else can go', () => {
    const list = [...Array.from({ length: 60 }, (_, i) => notice(i + 1, { severity: 'warning', text: 'x'.repeat(600) })), notice(61, { terminal: true })];
    const small = fit(added(emptyOutbox, 'r1', head, list), 2_000);
    expect(bytesOf(small)).toBeLessThanOrEqual(2_000);
    expect(small.notices.at(-1)?.sequence).toBe(61);
  });

  test('what arrived is gone for that notifier alone; the first reference stays', () => {
    const to = (['chat', 'mail'] as const).map((notifier) => ({ notifier, state: 'pending' as const, attempts: 0 }));
    const outbox = added(emptyOutbox, 'r1', head, [notice(1, { to }), notice(2, { to })]);
    const address = { rolloutId: 'r1', sequence: 1, notifier: 'chat' };
    const once: Outbox = settled(outbox, address, { kind: 'sent', ref: 'm1' });
    const twice: Outbox = settled(once, { ...address, sequence: 2 }, { kind: 'sent', ref: 'm2' });
    expect(postFor(once, 'chat').map(({ sequence, ref }) => [sequence, ref])).toEqual([[2, 'm1']]);
    expect(postFor(twice, 'chat')).toEqual([]);
    expect(postFor(twice, 'mail').map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(twice.heads['r1']?.refs).toEqual({ chat: 'm1' });
    expect(settled(twice, address, { kind: 'sent' })).toEqual(twice);
  });
});

test('an id is the same for the same notice and notifier, and no other', () => {
  // By an independent tool: printf 'r1/deploy.started/1/chat' | sha256sum | cut -c1-64 | xxd -r -p | base32 | tr A-Z a-z | cut -c1-26
  expect(noticeId('r1', 'deploy.started', 1, 'chat')).toBe('msg_c2syzia5ub24o6nsa7uuhqtl7x');
  const ids = ['chat', 'mail'].flatMap((name) => [1, 2].flatMap((sequence) => ['a', 'b'].map((type) => noticeId('r1', type, sequence, name))));
  expect(new Set(ids).size).toBe(8);
});

describe('foreign text', () => {
  test('is cut at whole characters', () => {
    expect(cut('👩🏽‍🚀🚀🚀🚀', 5)).not.toMatch(/[\ud800-\udbff]$|\ud83d…/);
    expect([...cut('🚀'.repeat(10), 4)]).toEqual(['🚀', '🚀', '🚀', '…']);
  });

  test.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a title of the terminal', '\u001b]0;owned\u0007x', 'x'],
    ['an unfinished sequence', 'a\u001b', 'a'],
    ['controls and what turns the direction', 'a\u0000\u0008\u202eb\rc', 'abc'],
    ['a bearer token', 'Authorization: Bearer abcdefghijklmnop', 'Authorization: Bearer ***'],
    ['a basic header', 'authorization: Basic dXNlcjpwYXNzd29yZA==', 'authorization: Basic ***'],
    ['a signing secret', 'whsec_AAECAwQFBgcICQoLDA0ODw==', '***'],
    ['hex behind the word token', 'token=0123456789abcdef0123456789abcdef', 'token=***'],
    ['a digest', 'web@sha256:0123456789abcdef0123456789abcdef', 'web@sha256:0123456789abcdef0123456789abcdef'],
  ])('%s', (_, dirty, plain) => {
    expect(clean(dirty, 200)).toBe(plain);
  });

  test('why a delivery failed shows scheme and host of an address, nothing more', () => {
    expect(cleanWhy('POST https://u:p@hooks.slack.com/services/T0/B0/xyz?a=b failed')).toBe('POST https://hooks.slack.com failed');
  });
});
