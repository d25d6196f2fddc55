import { Shepherd, type Transport } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { verify } from '@shepherd/core/verification';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kubernetes } from '../index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('r/web:1.0.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  await sandbox.install({ name: 'other', namespace: 'shop', image: 'r/web:1.0.0', replicas: 1 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

/** The API server, whose pods have this in their logs. */
const logging =
  (answer: (pod: string, lines: string) => Response | Promise<Response>): Transport =>
  async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const pod = /\/pods\/([^/]+)\/log$/.exec(pathname)?.[1];
    return pod === undefined ? sandbox.connection.transport(request) : answer(pod, searchParams.get('tailLines') ?? '');
  };
const look = async (transport: Transport) => {
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, transport, namespace: 'shop' }) });
  return await verify(shepherd, 'web', { checks: standard({ quiet: '0s' }), logs: true });
};

test('the lines of trouble in the last hundred of each container of the app, redacted, and what may not be read is said', async () => {
  const [first = ''] = sandbox.objects.list('pods', 'shop').flatMap(({ metadata }) => (metadata.name.startsWith('web-') ? [metadata.name] : []));
  const asked: string[] = [];
  const { logs, passed } = await look(
    logging((pod, lines) => {
      asked.push(`${pod} ${lines}`);
      return pod === first
        ? new Response('up\n\u001b[31mERROR\u001b[0m mongodb://app:hunter2@db refused, password=hunter2\nerrors=0\n')
        : new Response('{"kind":"Status"}', { status: 403 });
    }),
  );
  expect(asked).toHaveLength(2);
  expect(asked.every((line) => /^web-\S+ 100$/.test(line))).toBe(true);
  expect(logs?.find(({ pod }) => pod === first)).toEqual({
    pod: first,
    container: 'web',
    of: 3,
    lines: [expect.stringMatching(/^ERROR mongodb:\/\/\S+@db refused, password=\*\*\*$/)],
  });
  expect(logs?.find(({ pod }) => pod !== first)).toMatchObject({ of: 0, lines: [], unread: 'not allowed to get pods/log' });
  expect(JSON.stringify(logs)).not.toMatch(/hunter2|\\u001b/);
  // A person reads them: they decide nothing.
  expect(passed).toBe(true);
});

test('a log that does not come is not waited for', async () => {
  const { logs } = await look(logging(() => new Promise(() => undefined)));
  expect(logs?.map(({ unread }) => unread)).toEqual(['no answer', 'no answer']);
});
