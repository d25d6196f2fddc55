import { planRemedy, type RemedyRequest, remedy } from '@shepherd/core/remedies';
import { loadSettings } from '../config/load-config.js';
import { type Asked, type RemedyFlags, remedyInput } from '../flags/remedy-input.js';
import { planText } from '../render/plan-text.js';
import type { World } from '../world.js';
import { circumstances, inContext, runRollout } from './run-rollout.js';
import { withShepherd } from './with-shepherd.js';

/** New pods of the same release, or one pod evicted; shown until its end. @returns the exit code */
export const restart = (argument: string | undefined, flags: RemedyFlags, world: World): Promise<number> =>
  run(argument, { kind: 'restart', at: world.clock.now().toISOString() }, flags, world);

/** So many pods from here on. A number alone is one of the app in the config. */
export function scale(first: string | undefined, second: string | undefined, flags: RemedyFlags, world: World): Promise<number> {
  const isNumber = second === undefined && /^\d+$/.test(first ?? '');
  const [argument, replicas] = isNumber ? [undefined, first] : [first, second];
  return run(argument, { kind: 'scale', replicas }, flags, world);
}

async function run(argument: string | undefined, asked: Asked, flags: RemedyFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const { connection, request, ask, production, onInterrupt } = remedyInput(argument, asked, flags, settings, await circumstances(flags, settings, world));
  const { stdout } = world.io;
  return withShepherd(connection, world, async (session) => {
    if (flags.dryRun) {
      const planned = await planRemedy(session.shepherd, request, { signal: session.interrupt.abortSignal });
      stdout.write(`${flags.json ? JSON.stringify(planned) : planText(planned, stdout.columns)}\n`);
      return 0;
    }
    return runRollout(
      {
        app: String(request.app),
        title: titleOf(request),
        ask,
        production,
        expect: undefined,
        onInterrupt,
        json: flags.json === true,
        question: `${questionOf(request)}${ask ? await inContext(connection, world) : ''}?`,
        plan: (by, signal) => planRemedy(by, request, { signal }),
        start: (by, options) => remedy(by, request, options),
      },
      session,
      world,
    );
  });
}

function titleOf(request: RemedyRequest): string {
  if (request.kind === 'scale') return `${request.replicas} pods`;
  return request.pod === undefined ? 'new pods' : `without ${request.pod}`;
}

function questionOf(request: RemedyRequest): string {
  if (request.kind === 'scale') return `Scale ${request.app} to ${request.replicas}`;
  return request.pod === undefined ? `Restart all pods of ${request.app}` : `Evict ${request.pod} of ${request.app}`;
}
