import { createSandbox } from '@shepherd/sandbox';
import { apiReader, image, newVersion, untilServing } from '../../lab/index.js';
import type { SandboxNews, SandboxOrder } from './sandbox-messages.js';
import { measureStrain, untilRoom } from './strain.js';

const namespace = 'default';
const roomMs = 60_000;
const say = (news: SandboxNews): void => void process.send?.(news);

/** A cluster in a process of its own, with the app on it: whoever runs many of them shares no event loop with any. */
async function open(manifest: string): Promise<void> {
  const sandbox = await createSandbox({ time: 'real' });
  for (const version of ['1.0.0', newVersion]) sandbox.image(image(version));
  const api = apiReader(sandbox.url ?? '');
  const { items } = JSON.parse(manifest) as { readonly items: readonly { readonly kind: string }[] };
  for (const item of items) {
    const path = item.kind === 'Service' ? `/api/v1/namespaces/${namespace}/services` : `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const response = await fetch(`${api.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(item) });
    if (!response.ok) throw new Error(`the app cannot be installed [status=${response.status}]: ${await response.text()}`);
  }
  const { http: url } = await sandbox.addresses(`${namespace}/web`);
  if (url === undefined) throw new Error('the Service has no address');
  await untilServing(url);
  await untilRoom(roomMs);
  const strain = measureStrain();
  process.on('message', (order: SandboxOrder) => {
    if (order.kind === 'strain') say({ kind: 'strain', strain: strain() });
  });
  say({ kind: 'open', api: api.url, url });
}

process.once('message', (order: SandboxOrder) => {
  if (order.kind === 'open') open(order.manifest).catch((error: unknown) => say({ kind: 'failed', message: String(error) }));
});
process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group: it ends with its parent.
process.on('SIGINT', () => undefined);
