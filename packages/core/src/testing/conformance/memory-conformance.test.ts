import { expect, test } from 'vitest';
import { createMemoryPlatform } from '../memory/memory-platform.js';
import type { MemoryRelease } from '../memory/memory-releases.js';
import type { PlatformFixture } from './fixture.js';
import { platformCases } from './platform-cases.js';

const granularities = ['replicas', 'percent', 'binary'] as const;

const create = (granularity: (typeof granularities)[number]) => async (): Promise<PlatformFixture<MemoryRelease>> => ({
  platform: createMemoryPlatform({ granularity, versions: { broken: { doomed: 'CrashLoopBackOff' } } }),
  app: { cluster: 'memory', namespace: 'default', name: 'web' },
  replicas: 3,
  release: { version: '1.0.0' },
  next: { version: '2.0.0' },
  broken: { version: 'broken' },
});

for (const granularity of granularities) for (const { name, run } of platformCases(create(granularity))) test(`memory, ${granularity}: ${name}`, run);
void expect;
