import { type CheckContext, defineCheck } from '../extend/define-check.js';
import { type Duration, toMs } from '../words/duration.js';
import { fail, pass, type Verdict } from '../words/verdict.js';
import { askEveryPod } from './http.js';

const everyMs = 5_000;
/** The guide's limit after a release (RR G7). */
const defaultErrorRate = 0.01;

export interface Quiet {
  readonly for: Duration;
  readonly path?: string | undefined;
  /** Share of failed requests that is bearable after a rollback, where requests are counted. @default 0.01 */
  readonly errorRate?: number | undefined;
}

/**
 * No pod restarts, gets unready or answers its health path badly for a while (the guide's sixth verification). After a rollback also: no warning of the platform
 * about these pods, and no more failed requests than are bearable. What cannot be read there is said and stops nothing: a rollback works with metrics down (RR RB-7).
 */
export const quietFor = defineCheck<Quiet>({
  use: 'shepherd/quiet',
  describe: (input) => `no error for ${input.for}`,
  async run(input, context): Promise<Verdict> {
    const { clock, signal, inspect, track } = context;
    const began = clock.now();
    const until = clock.monotonicMs() + toMs(input.for);
    const before = await inspect();
    const path = input.path ?? (await context.healthPath());
    for (;;) {
      const now = await inspect();
      if (now === undefined || now.ready < now.replicas) return fail(`${now?.ready ?? 0} of ${now?.replicas ?? 0} pods of ${track} are ready`);
      if ((now.restarts ?? 0) > (before?.restarts ?? 0)) return fail(`a container of ${track} restarted`);
      const verdict = path === undefined ? pass() : await askEveryPod({ path }, context);
      if (verdict.kind !== 'pass') return verdict;
      const [noted, counted] = await Promise.all([warningsSince(began, now.pods ?? [], context), failuresOf(input, context)]);
      const loud = noted.failure ?? counted.failure;
      if (loud !== undefined) return fail(loud);
      const left = until - clock.monotonicMs();
      const notes = [noted.unread, counted.unread].filter((part) => part !== undefined);
      if (left <= 0) return { kind: 'pass', evidence: { summary: `no error for ${input.for}`, ...(notes.length === 0 ? {} : { notes }) } };
      await clock.sleep(Math.min(everyMs, left), signal);
    }
  },
});

/** What one source says: an error, or that it cannot be asked. */
interface Heard {
  readonly failure?: string | undefined;
  readonly unread?: string | undefined;
}

/** Warnings about the pods that serve now; those of pods that had to go are no news. Events have whole seconds: one of the second in which this began may be older. */
async function warningsSince(began: Date, pods: readonly string[], { notes, signal }: CheckContext): Promise<Heard> {
  if (notes === undefined) return {};
  const from = Math.floor(began.getTime() / 1_000) * 1_000 + 1_000;
  try {
    const objects = new Set(pods.map((pod) => `Pod ${pod}`));
    const found = (await notes(began.toISOString())).find(({ level, object, at }) => level === 'warning' && objects.has(object) && Date.parse(at) >= from);
    return found === undefined ? {} : { failure: `${found.object}: ${found.reason}: ${found.message}` };
  } catch (error) {
    signal.throwIfAborted();
    return { unread: `events could not be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function failuresOf({ errorRate = defaultErrorRate }: Quiet, { requests, signal }: CheckContext): Promise<Heard> {
  if (requests === undefined) return {};
  try {
    const counted = await requests();
    if (counted === undefined) return { unread: 'requests could not be counted' };
    const { errors } = counted;
    return errors > errorRate * counted.requests ? { failure: `${errors} of ${counted.requests} requests failed` } : {};
  } catch (error) {
    signal.throwIfAborted();
    return { unread: `requests could not be counted: ${error instanceof Error ? error.message : String(error)}` };
  }
}
