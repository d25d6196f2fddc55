import { systemClock, type Notice, type NotifyContext } from '@shepherd/core';
import fc from 'fast-check';

export const notice = (more: Partial<Notice> = {}): Notice => ({
  id: 'msg_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  rolloutId: 'eu_shop_web_01',
  sequence: 7,
  type: 'deploy.failed',
  severity: 'error',
  terminal: true,
  at: '2026-01-01T00:10:00.000Z',
  app: { cluster: 'eu', namespace: 'shop', name: 'web' },
  by: { name: 'jo', kind: 'human' },
  title: 'web: not started',
  text: 'the registry does not answer',
  facts: [{ key: 'to', value: 'web:1.3.0' }],
  links: [{ href: 'https://ci.example.com/run/7?a=1&b=2', text: 'the run' }],
  metadata: {},
  ...more,
});

export const context = (more: Partial<NotifyContext> = {}): NotifyContext => ({
  signal: new AbortController().signal,
  clock: systemClock,
  attempt: 1,
  ref: undefined,
  ...more,
});

/** Whatever people and other systems write, far beyond what core lets through. */
export const anyNotice: fc.Arbitrary<Notice> = fc
  .record({
    title: fc.string({ maxLength: 400, unit: 'grapheme' }),
    text: fc.oneof(fc.string({ maxLength: 8_000, unit: 'grapheme' }), fc.constantFrom('&'.repeat(9_000), '<!channel> '.repeat(900), '🚀'.repeat(5_000), '*_`~[](x)'.repeat(800))),
    severity: fc.constantFrom('info', 'warning', 'error', 'critical'),
    terminal: fc.boolean(),
    type: fc.constantFrom('deploy.started', 'deploy.failed', 'deploy.succeeded', 'rollback.failed', 'deploy.paused'),
    facts: fc.array(fc.record({ key: fc.string({ maxLength: 300 }), value: fc.string({ maxLength: 3_000, unit: 'grapheme' }) }), { maxLength: 30 }),
    links: fc.array(fc.record({ href: fc.oneof(fc.webUrl(), fc.constantFrom('javascript:alert(1)', 'https://x/|>', '')), text: fc.string({ maxLength: 200 }) }), { maxLength: 8 }),
  })
  .map((some) => notice(some));
