export { type FoundApp, findApps } from './find-apps.js';
export type { JobInput } from './jobs/job.js';
export { type KubePlatform, kubernetes } from './kubernetes.js';
export type { KubeApp, KubeRelease, KubernetesOptions, RequiredSecret, Router } from './options.js';
export { type RbacPurpose, type RbacSubject, type RoleOptions, rbacPurposes, rbacPurposeText, rolesFor } from './rbac/roles.js';
export { readContext } from './read-context.js';
export type { AskOptions, RegistryAnswer, RegistryAsk, RegistrySays } from './registry/ask-registry.js';
export { installWatchdog } from './watchdog/install-watchdog.js';
export { type WatchdogOptions, watchdogObjects } from './watchdog/watchdog-objects.js';
