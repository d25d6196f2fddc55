import { VirtualClock } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { createObjects } from '../../api/create-objects.js';
import type { Objects } from '../../api/objects.js';
import { StatusError } from '../../api/status-error.js';
import { TestCluster } from '../../cluster-fixture.js';

test('a refusal to create pods is told, shown by the Deployment, and forgotten when it ends', async () => {
  const clock = new VirtualClock({ auto: true });
  const stored = createObjects({ clock });
  let limit = 1;
  const objects: Objects = {
    ...stored,
    create(resource, object) {
      const full = resource === 'pods' && stored.list('pods').length >= limit;
      if (full) throw new StatusError(403, 'Forbidden', 'pods "web" is forbidden: exceeded quota: small');
      return stored.create(resource, object);
    },
  };
  await using it = new TestCluster({ clock, objects });
  it.install(2);
  await it.until(() => it.condition('ReplicaFailure') !== undefined);
  expect(it.condition('ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate', message: 'pods "web" is forbidden: exceeded quota: small' });
  expect(it.events('FailedCreate')).toEqual(['Error creating: pods "web" is forbidden: exceeded quota: small']);
  expect(it.pods()).toHaveLength(1);
  limit = 9;
  await it.until(() => it.rolledOut());
  await it.until(() => it.condition('ReplicaFailure') === undefined);
  clock[Symbol.dispose]();
});

test('a pod that is ended by hand is replaced', async () => {
  await using it = new TestCluster();
  it.install(2);
  await it.until(() => it.rolledOut());
  const [gone] = it.pods();
  it.objects.delete('pods', 'default', gone?.metadata.name ?? '');
  await it.until(() => it.pods().length === 2 && !it.pods().some(({ metadata }) => metadata.uid === gone?.metadata.uid) && it.rolledOut());
  expect(it.events('SuccessfulCreate')).toHaveLength(3);
});
