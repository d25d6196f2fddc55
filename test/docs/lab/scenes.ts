import { Canary, Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import type { Stage } from './stage.js';

const deployment = '/apis/apps/v1/namespaces/shop/deployments/web';

/** Somebody changes the image by hand, past every check. */
const setImage = ({ send }: Stage, tag: string): Promise<void> =>
  send(deployment, 'PATCH', { spec: { template: { spec: { containers: [{ name: 'web', image: `registry/web:${tag}` }] } } } });

/** Shepherd released 1.3.0 in its time, so that there is a revision to go back to. */
async function released({ type }: Stage): Promise<void> {
  const { code, out } = await type('shepherd deploy shop/web --image registry/web:1.3.0 --yes');
  if (code !== 0) throw new Error(out);
}

/** No old pod stays while the new ones come. */
const recreate = ({ send }: Stage): Promise<void> => send(deployment, 'PATCH', { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });

/** A canary whose process leaves in the middle of its first stage, without a word or with a hold. */
async function abandoned({ sandbox, pass }: Stage, hold?: { readonly reason: string }): Promise<void> {
  const shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
  const strategy = new Canary({ stages: [25, 100], interval: '5m', analysis: false });
  const { outcome } = shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:1.3.0' }, strategy });
  await pass(120_000);
  await shepherd.close({ hold });
  const { kind } = await outcome;
  if (kind !== (hold === undefined ? 'detached' : 'paused')) throw new Error(`it ended as ${kind}`);
}

/** A trouble, and what may happen to it while somebody works on it: a page says `# the database is back`. */
export interface Scene {
  readonly make: (stage: Stage) => Promise<unknown>;
  readonly events?: Readonly<Record<string, (stage: Stage) => Promise<unknown>>>;
}

/** What the blocks of the pages are played on, by the name that their comment says. */
export const scenes: Readonly<Record<string, Scene>> = {
  'an app that is well': { make: async () => undefined },
  'an app that was released': { make: released },
  'an outage after a release': {
    make: async (stage) => {
      await released(stage);
      await recreate(stage);
      await setImage(stage, '1.3.0-sick');
      await stage.pass(60_000);
    },
  },
  'some pods that crash': {
    make: async (stage) => {
      await released(stage);
      await setImage(stage, '1.3.0-crash');
      await stage.pass(60_000);
    },
  },
  'one process that hangs': {
    make: async (stage) => {
      await released(stage);
      stage.sandbox.kill({ app: 'shop/web', count: 1 });
    },
  },
  'a database that is down': {
    make: async (stage) => {
      const { send, sandbox } = stage;
      await released(stage);
      await send('/api/v1/namespaces', 'POST', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mongodb' } });
      const spec = { clusterIP: 'None', selector: { app: 'mongodb' }, ports: [{ port: 27017 }] };
      await send('/api/v1/namespaces/mongodb/services', 'POST', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'mongodb-headless' }, spec });
      sandbox.image('registry/web:1.3.0', { crash: { exitCode: 1, log: 'MongoServerSelectionError: connect ECONNREFUSED 10.0.0.9:27017' } });
      sandbox.kill({ app: 'shop/web', count: 4 });
      await stage.pass(120_000);
    },
    events: { 'the database is back': async ({ sandbox }) => sandbox.image('registry/web:1.3.0') },
  },
  'a release that nobody drives': { make: (stage) => abandoned(stage) },
  'a release that is paused': { make: (stage) => abandoned(stage, { reason: 'SIGTERM' }) },
  'an image that nobody has': {
    make: async (stage) => {
      await released(stage);
      await setImage(stage, '1.3.0-typo');
      await stage.pass(60_000);
    },
  },
};
