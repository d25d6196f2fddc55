import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** How hard a process had it while it was looked at. A request that ran out of time says something about a release only where the server had time for it. */
export interface Strain {
  readonly ms: number;
  /** Its loop had something to do all the time. */
  readonly busyMs: number;
  /** It could have run and got no processor; undefined where the system does not say. */
  readonly waitedMs: number | undefined;
}

/** Since the process began, from the kernel's account of its main thread (Linux). */
function waitedSoFarMs(): number | undefined {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return undefined;
  }
}

/** Measures this process from now on. */
export function measureStrain(): () => Strain {
  const fromMs = performance.now();
  const from = performance.eventLoopUtilization();
  const waitedBefore = waitedSoFarMs();
  return () => {
    const waited = waitedSoFarMs();
    return {
      ms: performance.now() - fromMs,
      busyMs: performance.eventLoopUtilization(from).active,
      waitedMs: waited === undefined || waitedBefore === undefined ? undefined : waited - waitedBefore,
    };
  };
}

/** What a process does in this long, alone on a processor, may take three times as long: else a Lease of 3 s and 5 s for a request mean nothing. */
const triedMs = 50;
const slowest = 3;

/** Resolves when this machine has room for one process more, or after a while without. */
export async function untilRoom(patienceMs: number): Promise<void> {
  for (const until = performance.now() + patienceMs; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 500))) {
    const from = performance.now();
    const used = process.cpuUsage();
    while (process.cpuUsage(used).user < triedMs * 1_000);
    if (performance.now() - from <= triedMs * slowest) return;
  }
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

export const formatStrain = ({ ms, busyMs, waitedMs }: Strain): string =>
  `of ${seconds(ms)} s it was busy for ${seconds(busyMs)} s${waitedMs === undefined ? '' : ` and without a processor for ${seconds(waitedMs)} s`}`;
