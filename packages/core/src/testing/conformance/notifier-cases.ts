import assert from 'node:assert/strict';
import { systemClock } from '../../internal/system-clock.js';
import type { Delivery, Notice, Notifier, NotifyContext } from '../../ports/notifier.js';
import { parseDuration } from '../../words/duration.js';
import type { Case } from './case.js';
import { type Answer, type Asked, startDouble } from './double.js';
import { against, endsWithSignal } from './plugin-scene.js';

const notice: Notice = {
  id: 'conformance-1',
  rolloutId: 'conformance',
  sequence: 1,
  type: 'deploy.failed',
  severity: 'error',
  terminal: true,
  at: '2026-01-01T00:10:00.000Z',
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  by: { name: 'jo', kind: 'human' },
  title: 'web 1.3.0 was rolled back',
  text: 'three of four pods answered 503',
  facts: [{ key: 'cause', value: 'health' }],
  links: [{ href: 'https://example.com/rollouts/conformance', text: 'the rollout' }],
  metadata: { team: 'shop' },
};
const later: Notice = { ...notice, id: 'conformance-2', sequence: 2, title: 'web 1.2.0 serves again' };

const contextOf = (ref?: string, signal: AbortSignal = new AbortController().signal): NotifyContext => ({ signal, clock: systemClock, attempt: 1, ref });

/** All that a request says, in any of the usual encodings. */
const saidIn = ({ path, query, body }: Asked): string => {
  const form = new URLSearchParams(body);
  return [path, ...query.values(), body, ...form.values(), ...form.keys()].join('\n');
};

/**
 * The contract of a notifier. `create` makes yours for the URL of a loopback backend; `answer` is what your backend says when it took a message (an object is
 * sent as JSON, text as it is), with the status `took`. @default took 200
 */
export function notifierCases(create: (url: string) => Notifier, answer: (request: Asked) => unknown, took = 200): readonly Case[] {
  const send = (url: string, what: Notice = notice, ref?: string): Promise<Delivery> => create(url).send(what, contextOf(ref));
  const told = (status: number, headers: Readonly<Record<string, string>> = {}): Promise<Delivery | undefined> =>
    against(
      (asked) => ({ status, headers, body: answer(asked) }),
      (url) => send(url),
    );
  const sentences: Readonly<Record<string, () => Promise<void>>> = {
    'notifier: it says what it is': async () => {
      const { specificationVersion, name } = create('http://127.0.0.1:9');
      assert.equal(specificationVersion, 'v1');
      assert.notEqual(name, '');
    },

    'notifier: a message that the backend took is sent, and says what the notice says': async () => {
      await using double = await startDouble((asked) => ({ status: took, body: answer(asked) }));
      assert.equal((await send(double.url)).kind, 'sent');
      const said = double.asked.map(saidIn).join('\n');
      for (const words of [notice.title, notice.text]) assert.ok(said.includes(words), `${JSON.stringify(words)} is not in ${said}`);
    },

    'notifier: a later notice follows the reference of the first': async () => {
      await using double = await startDouble((asked) => ({ status: took, body: answer(asked) }));
      const first = await send(double.url);
      assert.ok(first.kind === 'sent', JSON.stringify(first));
      const before = double.asked.length;
      const second = await send(double.url, later, first.ref);
      assert.equal(second.kind, 'sent');
      const said = double.asked.slice(before).map(saidIn).join('\n');
      assert.ok(said.includes(later.title), `${JSON.stringify(later.title)} is not in ${said}`);
      // A reference may be made of several, such as a channel and a message.
      for (const part of first.ref?.match(/[\w.-]+/g) ?? []) assert.ok(said.includes(part), `the reference ${first.ref} is not in ${said}`);
    },

    'notifier: one notice is one message': async () => {
      const titles: string[] = [];
      await using double = await startDouble((asked) => {
        if (saidIn(asked).includes(notice.title)) titles.push(asked.path);
        return { status: took, body: answer(asked) };
      });
      await send(double.url);
      assert.equal(titles.length, 1, `sent to ${titles.join(', ')}`);
    },

    'notifier: what is rate limited is tried again, no sooner than the backend says': async () => {
      const delivery = await told(429, { 'retry-after': '7' });
      assert.ok(delivery?.kind === 'retry', JSON.stringify(delivery));
      assert.notEqual(delivery.why, '');
      if (delivery.after === undefined) return;
      const afterMs = parseDuration(delivery.after);
      assert.ok(afterMs !== undefined && afterMs >= 7_000, `after ${delivery.after}`);
    },

    'notifier: a backend that fails is tried again': async () => {
      for (const status of [500, 502, 503]) assert.equal((await told(status))?.kind, 'retry', `after a ${status}`);
    },

    'notifier: a backend that refuses is not tried again, and the reason is named': async () => {
      for (const status of [400, 401, 403, 404]) {
        const delivery = await told(status);
        assert.ok(delivery?.kind === 'refused', `after a ${status}: ${JSON.stringify(delivery)}`);
        assert.notEqual(delivery.why, '');
      }
    },

    'notifier: a backend that is down is no refusal': async () => {
      const delivery = await against('down', (url) => send(url));
      assert.ok(delivery === undefined || delivery.kind === 'retry', JSON.stringify(delivery));
    },

    'notifier: a send ends with its signal': () =>
      endsWithSignal(
        () => 'hang' satisfies Answer,
        (url, signal) => create(url).send(notice, contextOf(undefined, signal)),
      ),
  };
  return Object.entries(sentences).map(([name, run]) => ({ name, run }));
}
