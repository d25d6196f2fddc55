import type { Plan } from '../plan/plan.js';
import { partsOf } from '../rollout/clusters.js';
import type { RunOptions } from '../rollout/request.js';
import type { Rollout } from '../rollout/rollout.js';
import { inside, type Shepherd } from '../shepherd.js';
import { prepareRemedy } from './prepare-remedy.js';
import type { RemedyRequest } from './request.js';

/**
 * Restarts or scales an app, as a rollout: lock, journal, events, verification and outcome are those of a deploy, any process can go on with it, and what does
 * not verify is taken back. Returns at once, never throws.
 */
export function remedy(shepherd: Shepherd<never>, request: RemedyRequest, options: RunOptions = {}): Rollout {
  const own = inside(shepherd);
  const at = timeOf(request) ?? own.clock.now().toISOString();
  return own.start(request.app, options, (engine, context) => prepareRemedy(engine, context, request, at));
}

/** What a remedy would do. Writes nothing. @throws ShepherdError */
export async function planRemedy(
  shepherd: Shepherd<never>,
  request: RemedyRequest,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Plan> {
  const own = inside(shepherd);
  const { engine, context } = await own.locate(partsOf(request.app), signal);
  return (await prepareRemedy(engine, context, request, timeOf(request) ?? own.clock.now().toISOString())).plan;
}

const timeOf = (request: RemedyRequest): string | undefined => (request.kind === 'restart' ? request.at : undefined);
