import { VirtualClock } from '@shepherd/core/testing';
import { describe, expect, it } from 'vitest';
import { type Client, client } from '../api-fixture.js';
import type { Wire } from '../json.js';

const PATH = '/api/v1/namespaces/default/configmaps';
const map = (name: string, labels: Wire = {}): Wire => ({ metadata: { name, labels } });

/** Events of a watch, one at a time. */
async function* events(api: Client, query: string, signal?: AbortSignal): AsyncGenerator<Wire> {
  const answer = await api.raw('GET', `${PATH}?watch=true${query}`, undefined, undefined, signal);
  let rest = '';
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    rest += new TextDecoder().decode(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

const next = async (stream: AsyncGenerator<Wire>): Promise<string> => {
  const { value, done } = await stream.next();
  return done ? 'end' : `${value.type} ${value.object.metadata?.name ?? value.object.code ?? ''}`.trim();
};

describe('watch', () => {
  it('shows what is there, then each change', async () => {
    const api = client();
    await api.post(PATH, map('a'));
    const stream = events(api, '');
    expect(await next(stream)).toBe('ADDED a');
    await api.post(PATH, map('b'));
    await api.patch(`${PATH}/b`, { data: { x: '1' } });
    await api.send('DELETE', `${PATH}/a`);
    expect([await next(stream), await next(stream), await next(stream)]).toEqual(['ADDED b', 'MODIFIED b', 'DELETED a']);
    await stream.return(undefined);
  });

  it('goes on from a version, without gap and without repeat', async () => {
    const api = client();
    await api.post(PATH, map('a'));
    const list = await api.get(PATH);
    await api.post(PATH, map('b'));
    const stream = events(api, `&resourceVersion=${list.metadata.resourceVersion}`);
    await api.post(PATH, map('c'));
    expect([await next(stream), await next(stream)]).toEqual(['ADDED b', 'ADDED c']);
    await stream.return(undefined);
  });

  it('answers 410 in the stream when the version is forgotten', async () => {
    const api = client();
    const list = await api.get(PATH);
    await api.post(PATH, map('a'));
    api.objects.forgetHistory();
    const stream = events(api, `&resourceVersion=${list.metadata.resourceVersion}`);
    expect([await next(stream), await next(stream)]).toEqual(['ERROR 410', 'end']);
  });

  it('sees objects come into and leave its selection', async () => {
    const api = client();
    const stream = events(api, '&labelSelector=track%3Dblue');
    const first = next(stream);
    await api.post(PATH, map('a', { track: 'green' }));
    await api.patch(`${PATH}/a`, { metadata: { labels: { track: 'blue' } } });
    await api.patch(`${PATH}/a`, { data: { x: '1' } });
    const gone = await api.patch(`${PATH}/a`, { metadata: { labels: { track: null } } });
    expect([await first, await next(stream)]).toEqual(['ADDED a', 'MODIFIED a']);
    const { value } = await stream.next();
    expect(value).toMatchObject({ type: 'DELETED', object: { metadata: { labels: { track: 'blue' }, resourceVersion: gone.metadata.resourceVersion } } });
    await stream.return(undefined);
  });

  it('ends when the request is aborted', async () => {
    const stop = new AbortController();
    const stream = events(client(), '', stop.signal);
    const end = next(stream);
    setImmediate(() => stop.abort());
    expect(await end).toBe('end');
  });

  it('sends bookmarks by the clock and ends at its timeout', async () => {
    const clock = new VirtualClock();
    const api = client({ clock });
    const stream = events(api, '&allowWatchBookmarks=true&timeoutSeconds=90');
    const first = stream.next();
    await new Promise(setImmediate);
    await clock.advance('60s');
    expect((await first).value).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { resourceVersion: (await api.get(PATH)).metadata.resourceVersion } },
    });
    const rest = [next(stream), next(stream)];
    await clock.advance('30s');
    expect(await Promise.all(rest)).toEqual(['BOOKMARK', 'end']);
  });
});
