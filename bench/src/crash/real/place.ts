import { once } from 'node:events';
import { type ApiReader, apiReader, installWeb, type Lab, openLab, webManifest } from '../../lab/index.js';
import { forkSource } from '../fork-source.js';
import { replicas } from '../scenario.js';
import type { SandboxNews, SandboxOrder } from './sandbox-messages.js';
import type { Strain } from './strain.js';

/** A cluster of its own for one run, with the app `web` on it. */
export interface Place extends AsyncDisposable {
  /** The API, over plain HTTP on loopback. */
  readonly api: ApiReader;
  readonly namespace: string;
  /** Where users' requests go. */
  readonly url: string;
  /** Of the process that serves, since it serves; undefined where it is none of ours. */
  strain(): Promise<Strain | undefined>;
}

export interface Places extends AsyncDisposable {
  open(): Promise<Place>;
}

const options = { replicas, drainMs: 2_000, minReadySeconds: 0 };

/** Sandboxes in real time, over HTTP, each in a process of its own. */
export const sandboxPlaces = (): Places => ({
  open: openSandbox,
  [Symbol.asyncDispose]: async () => undefined,
});

async function openSandbox(): Promise<Place> {
  const child = forkSource(new URL('./sandbox-child.ts', import.meta.url));
  const ended = once(child, 'exit');
  const ask = async (order: SandboxOrder): Promise<SandboxNews> => {
    child.send(order);
    const [news] = (await Promise.race([once(child, 'message'), ended.then(() => [{ kind: 'failed', message: 'it ended' }])])) as [SandboxNews];
    if (news.kind === 'failed') throw new Error(`the sandbox failed: ${news.message}`);
    return news;
  };
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const opened = await ask({ kind: 'open', manifest: webManifest(options) });
    if (opened.kind !== 'open') throw new Error(`the sandbox answered ${opened.kind}`);
    return {
      api: apiReader(opened.api),
      namespace: 'default',
      url: opened.url,
      strain: async () => {
        const news = await ask({ kind: 'strain' });
        return news.kind === 'strain' ? news.strain : undefined;
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Namespaces of a real cluster. */
export async function clusterPlaces(): Promise<Places> {
  const lab: Lab = await openLab();
  return {
    async open() {
      const name = await lab.namespace('bench-crash');
      const { url } = await installWeb(lab, name, options);
      return { api: lab, namespace: name, url, strain: async () => undefined, [Symbol.asyncDispose]: () => lab.drop(name) };
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}
