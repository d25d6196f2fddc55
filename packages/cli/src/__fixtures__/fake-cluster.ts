import type { Platform } from '@shepherd/core';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions, type MemoryRelease } from '@shepherd/core/testing';
import type { CliRelease } from '../release.js';
import type { MainOptions } from '../main.js';

export interface FakeCluster {
  readonly memory: MemoryPlatform;
  readonly options: Required<Omit<MainOptions, 'report'>>;
}

/** A platform in memory that takes images: `registry/web:1.1.0` is version 1.1.0. */
export function fakeCluster(memoryOptions: MemoryPlatformOptions = {}): FakeCluster {
  const memory = createMemoryPlatform({ replicas: 4, ...memoryOptions });
  const release = (from: CliRelease): MemoryRelease => ({ version: 'image' in from ? (from.image.split(':')[1] ?? '') : '' });
  // In memory nothing is begun ahead.
  const { begin: _begin, ...releases } = memory.releases;
  const platform: Platform<CliRelease> = {
    ...memory,
    lint: async () => memoryOptions.findings ?? [],
    preflight: async () => [],
    releases: {
      ...releases,
      accepts: (asked) => typeof asked === 'object' && asked !== null && 'image' in asked,
      identify: (context, asked) => releases.identify(context, release(asked)),
      apply: (context, asked, to) => releases.apply(context, release(asked), to),
      promote: (context, options) => releases.promote(context, { over: options?.over }),
    },
  };
  return { memory, options: { connect: async () => platform, clock: memory.clock } };
}
