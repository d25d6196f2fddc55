import type { Notice } from '@shepherd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyNotice, notice } from './__fixtures__/notice.js';
import { messageOf } from './discord/embed.js';
import { dedupKey } from './pagerduty/dedup.js';
import { eventsOf } from './pagerduty/event.js';
import { message } from './slack/message.js';
import { card } from './teams/card.js';

describe('PagerDuty', () => {
  const of = (type: string, more: Partial<Notice> = {}) => eventsOf(notice({ type, ...more })).map(({ path, body }) => [path, body['event_action']]);

  test('only what failed wakes people, and the next release that succeeds lets them sleep', () => {
    expect(of('deploy.failed')).toEqual([['/v2/enqueue', 'trigger']]);
    expect(of('rollback.failed')).toEqual([['/v2/enqueue', 'trigger']]);
    expect(of('deploy.started')).toEqual([['/v2/change/enqueue', undefined]]);
    expect(of('deploy.succeeded')).toEqual([
      ['/v2/enqueue', 'resolve'],
      ['/v2/change/enqueue', undefined],
    ]);
    for (const type of ['deploy.paused', 'rollback.started', 'rollback.succeeded', 'deploy.step_completed']) expect(of(type)).toEqual([]);
  });

  test("the key is the app's, not the rollout's, and never too long", () => {
    expect(eventsOf(notice({ rolloutId: 'a' }))[0]?.body['dedup_key']).toBe('shepherd/eu/shop/web');
    expect(eventsOf(notice({ rolloutId: 'b' }))[0]?.body['dedup_key']).toBe('shepherd/eu/shop/web');
    const long = (name: string) => dedupKey({ cluster: 'c'.repeat(200), namespace: 'n'.repeat(63), name });
    expect(long('a')).toHaveLength(255);
    expect(long('a')).not.toBe(long('b'));
  });

  test('keeps its limits', () => {
    fc.assert(
      fc.property(anyNotice, (each) => {
        for (const { body } of eventsOf(each)) {
          expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(512 * 1024);
          const { summary = '' } = (body['payload'] ?? {}) as { summary?: string };
          expect([...summary].length).toBeLessThanOrEqual(1_024);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('Teams: an Adaptive Card 1.4 of at most 20 kB', () => {
  fc.assert(
    fc.property(anyNotice, (each) => {
      const made = card(each) as { type: string; attachments: [{ contentType: string; content: { version: string } }] };
      expect(Buffer.byteLength(JSON.stringify(made))).toBeLessThanOrEqual(20_000);
      expect(made.attachments[0].contentType).toBe('application/vnd.microsoft.card.adaptive');
      expect(made.attachments[0].content.version).toBe('1.4');
    }),
    { numRuns: 100 },
  );
});

test('Discord: one embed within its limits, and nobody is mentioned', () => {
  fc.assert(
    fc.property(anyNotice, (each) => {
      const { embeds, allowed_mentions } = messageOf(each) as {
        embeds: [{ title: string; description?: string; fields?: { name: string; value: string }[] }];
        allowed_mentions: object;
      };
      const [{ title, description = '', fields = [] }] = embeds;
      expect(allowed_mentions).toEqual({ parse: [] });
      expect(title.length).toBeLessThanOrEqual(256);
      expect(description.length).toBeLessThanOrEqual(4_096);
      expect(fields.length).toBeLessThanOrEqual(25);
      for (const { name, value } of fields) expect([name.length <= 256, value.length <= 1_024]).toEqual([true, true]);
      expect(title.length + description.length + fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0)).toBeLessThanOrEqual(6_000);
    }),
    { numRuns: 100 },
  );
});

test.each(['', ' ', '\n'])('a title that says nothing (%j) is no empty one to any service', (title) => {
  const each = notice({ title, text: '', type: 'deploy.failed' });
  const said = `${each.app.name}: deploy.failed`;
  expect(message(each).text).toContain(said);
  expect(JSON.stringify(card(each))).toContain(said);
  expect(JSON.stringify(messageOf(each))).toContain(said);
  for (const { body } of eventsOf(each)) expect(JSON.stringify(body['payload'])).toContain(said);
});
