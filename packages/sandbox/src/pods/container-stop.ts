import type { Scheduler } from '../scheduler.js';
import type { AppProcess } from './app-process.js';
import { type ProbeSpec, type ProbeTarget, probeOnce } from './probe.js';

/** What runs before SIGTERM. */
export interface PreStop extends ProbeSpec {
  readonly sleep?: { readonly seconds: number };
  readonly exec?: { readonly command?: readonly string[] };
}

/** A process that was sent SIGTERM has at least this long, however much of the grace its hook took. */
const shortestGraceMs = 2_000;

/** A command cannot run here; what it waits can: `sleep 5`, alone or in a shell line. */
const sleepOf = (command: readonly string[]): number => Number(/\bsleep (\d+(?:\.\d+)?)/.exec(command.join(' '))?.[1] ?? 0);

/**
 * Stops a process as the kubelet does: the hook, SIGTERM, SIGKILL when the grace is over. Ends with the process's own exit. The answer cuts it short by SIGKILL.
 */
export function stopProcess(
  process: AppProcess,
  graceMs: number,
  hook: PreStop | undefined,
  target: ProbeTarget,
  scheduler: Scheduler,
  hookFailed: () => void,
): { hurry(graceMs: number): void } {
  const startedMs = scheduler.now();
  let terminated = false;
  let cancelKill: () => void = () => undefined;
  const killIn = (ms: number): void => {
    cancelKill();
    cancelKill = scheduler.after(ms, () => process.kill());
  };
  const terminate = (): void => {
    if (terminated) return;
    terminated = true;
    cancelHook();
    killIn(Math.max(graceMs === 0 ? 0 : shortestGraceMs, graceMs - (scheduler.now() - startedMs)));
    process.terminate();
  };
  let cancelHook: () => void = () => undefined;
  if (hook === undefined || graceMs === 0) terminate();
  else {
    // the hook too has no more than the grace
    cancelHook = scheduler.after(graceMs, terminate);
    runHook(hook, target, scheduler, (well) => {
      if (!well) hookFailed();
      terminate();
    });
  }
  return {
    hurry(ms) {
      if (ms <= 0) process.kill();
      else if (!terminated) graceMs = Math.min(graceMs, scheduler.now() - startedMs + ms);
      else killIn(ms);
    },
  };
}

function runHook(hook: PreStop, target: ProbeTarget, scheduler: Scheduler, done: (well: boolean) => void): void {
  const seconds = hook.sleep?.seconds ?? (hook.exec === undefined ? undefined : sleepOf(hook.exec.command ?? []));
  if (seconds !== undefined) scheduler.after(seconds * 1_000, () => done(true));
  else probeOnce({ ...hook, timeoutSeconds: 3_600 }, target, scheduler, (finding) => done(finding === undefined));
}
