import { standard } from '../checks/index.js';
import { observe } from '../engine/observe.js';
import type { CheckContext } from '../extend/define-check.js';
import type { Use } from '../extend/definition.js';
import type { PodState } from '../ports/diagnosis.js';
import { partsOf } from '../rollout/clusters.js';
import { inside, type Shepherd } from '../shepherd.js';
import type { App, AppRef } from '../words/app.js';
import { type Verdict, verdictError } from '../words/verdict.js';
import { type ErrorLines, errorLinesOf, linesLookedAt } from './error-lines.js';

/** What a verification asks. */
export interface VerifyOptions {
  /** What is asked of the version that serves. @default what the platform says of this app, else `standard({ quiet: '0s' })` */
  readonly checks?: readonly Use<'check'>[] | undefined;
  /** Also the lines of trouble in the last 100 log lines of each container. They decide nothing: a person reads them. @default false */
  readonly logs?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One check and what it came to. */
export interface Verified {
  /** `shepherd/health`. */
  readonly use: string;
  readonly text: string;
  readonly verdict: Verdict['kind'];
  /** Why it did not pass, or what was seen. */
  readonly says: string;
}

/** Whether an app is as it should be. JSON. */
export interface Verification {
  readonly app: App;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly passed: boolean;
  readonly checks: readonly Verified[];
  /** Empty where the platform does not show them. */
  readonly pods: readonly PodState[];
  /** Where they were asked for; undefined also where the platform shows no logs. */
  readonly logs?: readonly ErrorLines[] | undefined;
}

/** Runs every check against the version that serves, all of them, whatever one comes to. Writes nothing. @throws ShepherdError where the app cannot be read */
export async function verify(
  shepherd: Shepherd<never>,
  app: AppRef,
  { checks, logs = false, signal = new AbortController().signal }: VerifyOptions = {},
): Promise<Verification> {
  const { locate, registry } = inside(shepherd);
  const { platform, context } = await locate(partsOf(app), signal);
  const uses = checks ?? platform.checks?.(context.app) ?? standard({ quiet: '0s' });
  const codes = uses.map((use) => ({ use, code: registry.code(use) }));
  const target = await observe(platform, context, false);
  const seen: CheckContext = {
    ...context,
    target,
    track: 'stable',
    http: (...asked) => platform.http(context)(...asked),
    ...(platform.exec === undefined ? {} : { exec: platform.exec(context) }),
    healthPath: async () => platform.healthPath?.(context),
    inspect: async () => (await platform.tracks.inspect(context)).stable,
  };
  const one = async ({ use, code }: (typeof codes)[number]): Promise<Verified> => {
    const input = await registry.input(use);
    const verdict = await judged(() => code.run(input, seen), use.use, signal);
    return { use: use.use, text: code.describe?.(input) ?? use.use, verdict: verdict.kind, says: saysOf(verdict) };
  };
  const [results, pods, lines] = await Promise.all([
    Promise.all(codes.map(one)),
    podsOf(platform.diagnosis?.pods({ ...context, signal })),
    logs ? platform.diagnosis?.logs?.({ ...context, signal }, { lines: linesLookedAt }) : undefined,
  ]);
  return {
    app: context.app,
    at: context.clock.now().toISOString(),
    passed: results.every(({ verdict }) => verdict === 'pass'),
    checks: results,
    pods,
    ...(lines === undefined ? {} : { logs: errorLinesOf(lines) }),
  };
}

/** A throw is the verdict `error`: unknown is not good. */
async function judged(run: () => Promise<Verdict>, name: string, signal: AbortSignal): Promise<Verdict> {
  try {
    return await run();
  } catch (error) {
    signal.throwIfAborted();
    return verdictError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const saysOf = (verdict: Verdict): string => (verdict.kind === 'pass' ? (verdict.evidence?.summary ?? '') : verdict.reason);

async function podsOf(watching: AsyncIterable<readonly PodState[]> | undefined): Promise<readonly PodState[]> {
  if (watching === undefined) return [];
  for await (const pods of watching) return pods;
  return [];
}
