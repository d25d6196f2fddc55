import type { Hint } from '../cause.js';
import type { Container, Seen } from '../seen.js';
import { keepsEnding, logOf } from './crashes.js';
import { probeVerdict } from './probe-verdict.js';

/** Containers that run and whose probes fail, and those that a probe kills. */
export function probeRule(seen: Seen): readonly Hint[] {
  return seen.containers.flatMap((container) => {
    if (container.data.ready || !isAsked(seen, container)) return [];
    const kills = keepsEnding(container) || container.data.restarts > 0 ? probeVerdict(seen, container, 'Liveness', 'Startup') : undefined;
    // One that ends by itself is not ready for that, whatever its probe gets in between.
    const runs = container.data.state === 'running' && !keepsEnding(container);
    const verdict = kills ?? (runs ? probeVerdict(seen, container, 'Readiness', 'Liveness', 'Startup') : undefined);
    if (verdict === undefined) return [];
    const { pod, name, restarts } = container.data;
    const killed = kills === undefined || restarts === 0 ? '' : `; it was killed and restarted ${restarts} times for it`;
    const hint: Hint = {
      code: verdict.kind === 'misconfigured' ? 'probe-misconfigured' : 'app-unhealthy',
      object: `Pod ${pod}`,
      summary: `container ${name}: ${verdict.says}${killed}`,
      evidence: [...verdict.evidence, ...logOf(seen, container).evidence],
      confidence: verdict.sure ? 'certain' : 'likely',
      fix: verdict.kind === 'misconfigured' ? `correct port and path of the ${verdict.probe} probe` : 'see in its log why the app is not well',
      next: `shepherd rollback ${seen.name}`,
    };
    return [hint];
  });
}

/** Probes fail while a container starts; that says nothing until its time is over. */
function isAsked(seen: Seen, { data }: Container): boolean {
  const { age, startup = 0, restarts, pod } = data;
  const since = age ?? seen.pods.find(({ object }) => object === `Pod ${pod}`)?.data.age ?? 0;
  return restarts > 0 || since >= startup;
}
