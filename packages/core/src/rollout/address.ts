import type { Actor, AppParts } from '../words/app.js';
import { type Clusters, partsOf } from './clusters.js';
import type { DeployRequest } from './request.js';
import type { RolloutState } from './rollout.js';

/** Names a process for people; the random part tells two runs of one actor apart. */
export const holderOf = ({ name }: Actor): string => `${name}#${crypto.randomUUID().slice(0, 8)}`;

/** The parts of a request's app with its cluster, as far as they can be told without asking; and why not. */
export function addressOf(
  clusters: Clusters,
  app: DeployRequest['app'],
): { readonly parts: AppParts & { readonly cluster: string }; readonly error?: unknown } {
  try {
    const parts = partsOf(app);
    return { parts: { ...parts, cluster: clusters.platform(parts.cluster).cluster } };
  } catch (error) {
    return { parts: { cluster: clusters.names[0] ?? '-', name: '-' }, error };
  }
}

/** What is known of a rollout whose lock is not taken yet. */
export const notStarted = (id: string): RolloutState => ({
  id,
  targets: [],
  weight: 0,
  driver: undefined,
  sequence: 0,
  now: { kind: 'progressing', step: 0, of: 0 },
});
