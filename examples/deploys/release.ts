// What a team keeps in its repository: how its shop is released. Nothing here knows of a sandbox.
import { Canary, type Outcome, Shepherd } from '@shepherd/core';
import { http, standard } from '@shepherd/core/checks';
import { type KubernetesOptions, kubernetes } from '@shepherd/kube';

export async function release(image: string, connection: KubernetesOptions = {}): Promise<Outcome> {
  await using shepherd = new Shepherd({ platform: kubernetes(connection) });
  return await shepherd.deploy({
    app: 'shop/web',
    release: { image },
    strategy: new Canary({ stages: [10, 50, 100], interval: '5m', analysis: false }),
    checks: [...standard(), http({ path: '/api/health', json: { status: 'healthy' } })],
  }).outcome;
}
