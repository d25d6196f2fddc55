export { kubernetes } from './kubernetes.js';
export type { KubeApp, KubeRelease, KubernetesOptions, RequiredSecret, Router } from './options.js';
export { readContext } from './read-context.js';
export { installWatchdog } from './watchdog/install-watchdog.js';
export { type WatchdogOptions, watchdogObjects } from './watchdog/watchdog-objects.js';
