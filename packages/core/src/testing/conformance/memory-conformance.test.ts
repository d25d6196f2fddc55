import { describe, expect, test } from 'vitest';
import { createMemoryPlatform, type MemoryPlatform } from '../memory/memory-platform.js';
import type { MemoryRelease } from '../memory/memory-releases.js';
import { mutants } from './__fixtures__/mutants.js';
import type { PlatformFixture } from './fixture.js';
import { platformCases } from './platform-cases.js';

type Granularity = 'replicas' | 'percent' | 'binary';

const create =
  (granularity: Granularity, change: (platform: MemoryPlatform) => Partial<MemoryPlatform> = () => ({})) =>
  async (): Promise<PlatformFixture<MemoryRelease>> => {
    const platform = createMemoryPlatform({ granularity, versions: { broken: { doomed: 'CrashLoopBackOff' } } });
    return {
      platform: { ...platform, ...change(platform) },
      app: { cluster: 'memory', namespace: 'default', name: 'web' },
      replicas: 3,
      release: { version: '1.0.0' },
      next: { version: '2.0.0' },
      broken: { version: 'broken' },
      autoscale: async (bounds) => {
        platform.app().autoscaler = bounds;
      },
    };
  };

for (const granularity of ['replicas', 'percent', 'binary'] as const) {
  describe(`the memory platform, ${granularity}`, () => {
    for (const { name, run } of platformCases(create(granularity))) test(name, run);
  });
}

describe('each case can fail', () => {
  const names = platformCases(create('replicas')).map(({ name }) => name);

  test('there is a mutant for every case, and for no other', () => {
    expect(Object.keys(mutants).toSorted()).toEqual(names.toSorted());
  });

  test.each(names)('%s', async (name) => {
    const mutant = mutants[name];
    const found = mutant && platformCases(create('replicas', mutant)).find((each) => each.name === name);
    await expect(found?.run()).rejects.toThrow();
  });
});
