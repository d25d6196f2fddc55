/** How the pods of a version behave. */
export interface MemoryVersion {
  /** From creation to ready. @default the platform's */
  readonly startupMs?: number | undefined;
  /** Never gets ready: the state that people see after `startupMs`, such as `CrashLoopBackOff`. */
  readonly doomed?: string | undefined;
  /** Runs well at first, then crashes for good. @default never */
  readonly crashesAfterMs?: number | undefined;
  /** What it answers; a status of 0 is no answer. What is left out is that of a healthy app. */
  readonly reply?: ((path: string) => { readonly status?: number; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }) | undefined;
}

/** A pod, as numbers. */
export interface MemoryPod {
  readonly name: string;
  readonly version: string;
  /** Times of the clock's `monotonicMs`. */
  readonly readyAtMs: number;
  readonly failsAtMs: number;
}

export const isReady = ({ readyAtMs, failsAtMs }: MemoryPod, nowMs: number): boolean => readyAtMs <= nowMs && nowMs < failsAtMs;
export const isComing = ({ readyAtMs, failsAtMs }: MemoryPod, nowMs: number): boolean => nowMs < readyAtMs && nowMs < failsAtMs;
export const hasFailed = ({ failsAtMs }: MemoryPod, nowMs: number): boolean => failsAtMs <= nowMs;

export function makePod(
  name: string,
  version: string,
  nowMs: number,
  { startupMs = 0, doomed, crashesAfterMs = Number.POSITIVE_INFINITY }: MemoryVersion,
): MemoryPod {
  const startedMs = nowMs + startupMs;
  return doomed === undefined
    ? { name, version, readyAtMs: startedMs, failsAtMs: startedMs + crashesAfterMs }
    : { name, version, readyAtMs: Number.POSITIVE_INFINITY, failsAtMs: startedMs };
}

/** A track's pods and what is wanted of them. */
export interface MemoryTrack {
  version: string;
  wanted: number;
  pods: readonly MemoryPod[];
  readonly isolated: boolean;
  /** Which rollout made it; undefined: somebody else. */
  readonly rolloutId: string | undefined;
}

/**
 * One round of a Deployment's controller with maxUnavailable 0: new pods up to the surge, then old ones away as far as ready pods are to spare. Pods of the
 * wanted version beyond what is wanted go at once, those that are not ready first, then the youngest.
 */
export function reconcile({ version, wanted, pods }: MemoryTrack, nowMs: number, make: () => MemoryPod): readonly MemoryPod[] {
  const old = pods.filter((pod) => pod.version !== version);
  const kept = pods
    .filter((pod) => pod.version === version)
    .toSorted((a, b) => Number(isReady(b, nowMs)) - Number(isReady(a, nowMs)))
    .slice(0, wanted);
  const surge = old.length === 0 ? 0 : Math.max(1, Math.ceil(wanted / 4));
  while (kept.length < wanted && kept.length + old.length < wanted + surge) kept.push(make());
  const readyKept = kept.filter((pod) => isReady(pod, nowMs)).length;
  const oldReady = old.filter((pod) => isReady(pod, nowMs)).slice(0, Math.max(0, wanted - readyKept));
  return [...oldReady, ...kept];
}

/** When these pods change next by themselves, after `nowMs`. */
export const nextChangeMs = (pods: readonly MemoryPod[], nowMs: number): number =>
  Math.min(...pods.flatMap(({ readyAtMs, failsAtMs }) => [readyAtMs, failsAtMs]).filter((at) => at > nowMs));
