import type { DeployRequest } from './request.js';

/** Lists add up, the rest is overridden. */
export function withDefaults<T extends Partial<DeployRequest>>(request: T, defaults: Partial<DeployRequest> | undefined): T {
  if (defaults === undefined) return request;
  const both = <L>(a: readonly L[] | undefined, b: readonly L[] | undefined): readonly L[] | undefined =>
    a === undefined && b === undefined ? undefined : [...(a ?? []), ...(b ?? [])];
  const [gates, checks] = [both(defaults.gates, request.gates), both(defaults.checks, request.checks)];
  return {
    ...defaults,
    ...request,
    ...(gates === undefined ? {} : { gates }),
    ...(checks === undefined ? {} : { checks }),
    metadata: { ...defaults.metadata, ...request.metadata },
  };
}
