import type { Clock } from '@shepherd/core';
import type { Fault } from '../faults/fault.js';
import { BrokenConnectionError, hang, refuse } from '../faults/fault-answers.js';
import type { Asked } from '../faults/faults.js';
import { type Answer, isStream } from './answer.js';
import { targetOf } from './call.js';
import type { ServerContext } from './context.js';
import type { Incoming } from './incoming.js';

/** A request as faults see it. */
export function askedOf({ registry, users }: ServerContext, request: Incoming, url: URL, local: boolean): Asked {
  const method = request.method.toLowerCase();
  const orElse = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch {
      // Refused later, in the server's words.
      return otherwise;
    }
  };
  return {
    verb: orElse(() => targetOf(url, request.method, registry.resources)?.verb, undefined) ?? method,
    method,
    path: url.pathname + url.search,
    user: orElse(() => users.of(request, local).name, undefined),
    agent: request.headers.get('user-agent') ?? '',
  };
}

/** Has the work done, or not, as the fault wants it; lags and what befalls watches are up to the work. */
export async function serveFaulty(fault: Fault | undefined, request: Incoming, clock: Clock, work: () => Promise<Answer>): Promise<Answer> {
  if (fault === undefined) return work();
  if (fault === 'hang') return hang(request);
  if (fault === 'reset') throw new BrokenConnectionError();
  if (typeof fault === 'object' && 'status' in fault && !('watch' in fault)) return refuse(fault);
  const response = await work();
  if (fault === 'drop-answer') {
    if (isStream(response.body)) await response.body.cancel();
    throw new BrokenConnectionError();
  }
  if ('delayMs' in fault) await clock.sleep(fault.delayMs, request.signal);
  return response;
}
