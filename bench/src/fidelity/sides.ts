import { createSandbox } from '@shepherd/sandbox';
import { kubectl, kubectlProxy } from '../lab/kubectl.js';

/** A cluster that scenarios run on, by plain HTTP on loopback. */
export interface Side extends AsyncDisposable {
  readonly name: 'sandbox' | 'cluster';
  readonly url: string;
}

/** Images that both have: the real one starts and serves, the sandbox plays it. */
export const images = ['shepherd.test/app:1.0.0', 'shepherd.test/app:1.1.0'] as const;

export async function sandboxSide(): Promise<Side> {
  const sandbox = await createSandbox({ time: 'real' });
  for (const image of images) sandbox.image(image);
  return { name: 'sandbox', url: sandbox.url ?? '', [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
}

/** The cluster that KUBECONFIG names, through a proxy of kubectl. Asks it once, so that a dead one is known before anything runs. */
export async function clusterSide(): Promise<Side> {
  await kubectl(['get', '--raw', '/readyz']);
  const { url, child } = await kubectlProxy();
  return {
    name: 'cluster',
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill();
    },
  };
}
