import type { Use } from '../extend/definition.js';
import { durationIssue, refuse, shown, unknownKeys } from '../strategies/options.js';
import type { AppRef } from '../words/app.js';
import type { Duration } from '../words/duration.js';

interface AnyRemedy {
  readonly app: AppRef;
  /** What it must be like afterwards. @default the app's own, else `standard()` */
  readonly checks?: readonly Use<'check'>[] | undefined;
  readonly reason?: string | undefined;
  /** Of the whole. Passed: it is taken back. @default '1h' */
  readonly timeout?: Duration | undefined;
}

/**
 * What repairs an app without releasing anything; JSON. `restart`: new pods of the same release, one after the other; with `pod` that one alone, by eviction. `at`
 * tells two restarts apart (ISO 8601 UTC), @default now; name it where a plan that was shown is to be run by its hash. `scale`: so many pods, from here on.
 */
export type RemedyRequest = AnyRemedy &
  ({ readonly kind: 'restart'; readonly pod?: string | undefined; readonly at?: string | undefined } | { readonly kind: 'scale'; readonly replicas: number });

/** As the journal holds it. */
export type Remedy = { readonly kind: 'restart' } | { readonly kind: 'evict'; readonly pod: string } | { readonly kind: 'scale'; readonly replicas: number };

/** What a remedy does, for people. */
export function remedyText(remedy: Remedy): string {
  if (remedy.kind === 'restart') return 'restart of all pods';
  return remedy.kind === 'evict' ? `eviction of pod ${remedy.pod}` : `scaling to ${remedy.replicas} pods`;
}

const mostPods = 10_000;

/** @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function checkRemedy(request: RemedyRequest): void {
  const kind: unknown = request.kind;
  const own = kind === 'scale' ? ['replicas'] : ['pod', 'at'];
  refuse([
    ...(kind === 'restart' || kind === 'scale'
      ? unknownKeys('request', request, ['app', 'kind', 'checks', 'reason', 'timeout', ...own])
      : [{ path: 'kind', got: shown(kind), expected: 'restart or scale' }]),
    ...durationIssue('timeout', request.timeout, 1_000),
    ...(request.kind === 'scale' && !(Number.isInteger(request.replicas) && request.replicas >= 1 && request.replicas <= mostPods)
      ? [
          {
            path: 'replicas',
            got: shown(request.replicas),
            expected: `a whole number from 1 to ${mostPods}; to stop an app altogether use the platform's own tool`,
          },
        ]
      : []),
    ...(request.kind === 'restart' && request.pod !== undefined && !/^[a-z0-9][a-z0-9.-]*$/.test(String(request.pod))
      ? [{ path: 'pod', got: shown(request.pod), expected: 'the name of a pod' }]
      : []),
    ...(request.kind === 'restart' && request.at !== undefined && !Number.isFinite(Date.parse(request.at))
      ? [{ path: 'at', got: shown(request.at), expected: 'a time as ISO 8601' }]
      : []),
  ]);
}
