export type { MemoryCall, OnCall } from './memory/calls.js';
export type { MemoryApp, MemoryAppOptions } from './memory/memory-app.js';
export { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions } from './memory/memory-platform.js';
export type { MemoryRelease } from './memory/memory-releases.js';
export type { MemoryPod, MemoryTrack, MemoryVersion } from './memory/pods.js';
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.js';
