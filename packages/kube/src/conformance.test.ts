import { platformCases } from '@shepherd/core/testing';
import { createSandbox } from '@shepherd/sandbox';
import { describe, test } from 'vitest';
import { person } from './__fixtures__/person.js';
import { kubernetes } from './index.js';

const cases = platformCases(async () => {
  const sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) sandbox.image(`registry/web:${version}`);
  sandbox.image('registry/web:6.6.6', { crash: { exitCode: 1, log: 'no DATABASE_URL' } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 3 });
  const platform = kubernetes(sandbox.connection);
  return {
    platform,
    app: { cluster: 'kubernetes', namespace: 'shop', name: 'web' },
    replicas: 3,
    release: { image: 'registry/web:1.0.0' },
    next: { image: 'registry/web:1.1.0' },
    broken: { image: 'registry/web:6.6.6' },
    autoscale: ({ min, max }) => person(sandbox).autoscale({ min, max }),
    async close() {
      await platform[Symbol.asyncDispose]?.();
      await sandbox[Symbol.asyncDispose]();
    },
  };
});

describe('the Kubernetes platform keeps the contract of every port', () => {
  for (const { name, run } of cases) test(name, run);
});
