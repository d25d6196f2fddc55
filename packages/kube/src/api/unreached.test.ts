import type { Transport } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { expect, it } from 'vitest';
import { createKubeApi } from './client.js';
import { loadConnection } from './kubeconfig/load-connection.js';

/** A server that nobody reaches while `down`, on virtual time, with the longest waits that chance may choose. */
function setup() {
  const state = { down: true };
  const clock = new VirtualClock({ auto: true });
  const transport: Transport = async () => {
    if (state.down) throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }) });
    return Response.json({ metadata: { name: 'a' } });
  };
  return { state, clock, api: createKubeApi({ connection: () => loadConnection({ transport }), clock, random: () => 0.999 }) };
}

const path = '/api/v1/namespaces/shop/configmaps/a';
const refused = { status: 0, reason: 'ECONNREFUSED' };

it('says within 3 s that a server was never reached', async () => {
  const { api, clock } = setup();
  await expect(api.get(path)).rejects.toMatchObject(refused);
  expect(clock.monotonicMs()).toBeLessThanOrEqual(3_000);
  await api.close();
});

it('reaches one that comes up within them', async () => {
  const { state, api, clock } = setup();
  void clock.sleep(500).then(() => {
    state.down = false;
  });
  expect(await api.get(path)).toMatchObject({ metadata: { name: 'a' } });
  await api.close();
});

it('is patient with a server that it has reached, and with writes', async () => {
  const { state, api, clock } = setup();
  state.down = false;
  await api.get(path);
  state.down = true;
  const startedAt = clock.monotonicMs();
  const reading = api.get(path);
  void clock.sleep(10_000).then(() => {
    state.down = false;
  });
  await reading;
  expect(clock.monotonicMs() - startedAt).toBeGreaterThanOrEqual(10_000);
  await api.close();

  const second = setup();
  void second.clock.sleep(10_000).then(() => {
    second.state.down = false;
  });
  await second.api.patch(path, 'merge', {});
  expect(second.clock.monotonicMs()).toBeGreaterThanOrEqual(10_000);
  await second.api.close();
});
