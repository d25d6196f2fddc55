import type { Step } from '../plan/step.js';
import type { Remedy } from '../remedies/request.js';
import type { Cause, Outcome } from '../rollout/outcome.js';
import { suspicions } from '../words/suspicion.js';
import { amount, anything, flag, list, maybe, name, number, object, oneOf, type Shape, tagged, text, time, values, whole } from './shape.js';

const app = object({ cluster: text, namespace: name, name });
const apps = list(app, { filled: true });
const actor = object({ name: text, kind: text });
const revision = object({ hash: text, owner: text, images: list(text), at: text, verified: flag });
const use = object({ use: name });
const on = object({ target: app });
const both =
  (...shapes: readonly Shape[]): Shape =>
  (value, path) => {
    for (const shape of shapes) {
      const issue = shape(value, path);
      if (issue !== undefined) return issue;
    }
    return undefined;
  };
const track = oneOf('stable', 'candidate');
const capacity: Shape = (value, path) => (typeof value === 'number' ? amount : text)(value, path);
const checked = both(on, object({ checks: list(use), track }));

const step = tagged('kind', {
  apply: both(on, object({ capacity })),
  scale: both(on, object({ track, capacity })),
  ready: both(on, object({ track })),
  smoke: checked,
  verify: checked,
  shift: both(on, object({ weight: number })),
  analyse: both(on, object({ for: text, options: object({}) })),
  promote: on,
  roll: on,
  retire: both(on, object({ track })),
  restore: both(on, object({ hash: text })),
  resize: both(on, object({ replicas: whole(1) })),
  evict: both(on, object({ pod: name })),
  custom: both(on, object({ step: use, direction: oneOf('do', 'undo') })),
  approve: object({ options: object({ timeout: text, onTimeout: oneOf('approve', 'reject') }) }),
  wait: object({ for: text }),
} satisfies Record<Step['kind'], Shape>);

const plan = object({
  hash: name,
  targets: apps,
  changes: flag,
  images: maybe(list(text)),
  warnings: list(object({ message: text })),
  steps: list(object({ step, text, weight: amount, pods: object({ stable: amount, candidate: amount }), shortestMs: amount, longestMs: amount })),
  estimate: object({ shortestMs: amount, longestMs: amount, rollbackMs: amount }),
});

const verdict = object({ kind: oneOf('pass', 'fail', 'inconclusive', 'error') });
const error = object({ code: name, message: text, remedy: text });
const found = object({ code: name, object: text, summary: text, fix: text });
const cause = tagged('kind', {
  verdict: object({ index: whole(0), step, verdict, found: maybe(found) }),
  step: object({ index: whole(0), step, error, found: maybe(found) }),
  gate: object({ gate: text, reason: text, nextOpen: maybe(text) }),
  deadline: object({ after: text, found: maybe(found) }),
  abort: object({ by: actor, reason: text }),
} satisfies Record<Cause['kind'], Shape>);

const attempt = object({ revision, wrote: maybe(text), cause, environment: maybe(text), ms: number });

const base = object({ rolloutId: name, targets: list(app), startedAt: time, ms: number, final: flag });
const outcome = both(
  base,
  tagged('kind', {
    succeeded: object({ changed: flag }),
    'rolled-back': object({ cause }),
    'rollback-failed': object({ cause, error }),
    'failed-untouched': object({ error }),
    superseded: object({ by: text }),
    paused: anything,
    'lock-lost': anything,
    detached: anything,
  } satisfies Record<Outcome['kind'], Shape>),
);

const waiting = object({
  on: oneOf('gate', 'approval', 'pause'),
  gate: maybe(name),
  reason: text,
  until: time,
  onTimeout: oneOf('continue', 'rollback'),
  by: actor,
  since: maybe(time),
  missing: maybe(object({ extension: oneOf('step', 'check', 'gate'), use: name })),
  incident: maybe(oneOf(...suspicions)),
});

/** Sequences rise, so that a reader can go on after the last one that it has (RR PT-5). */
const events: Shape = (value, path) => {
  const issue = list(object({ type: name, rolloutId: text, sequence: whole(1), at: time }))(value, path);
  if (issue !== undefined) return issue;
  let last = 0;
  for (const [index, { sequence }] of (value as readonly { readonly sequence: number }[]).entries()) {
    if (sequence <= last) return { path: `${path}[${index}].sequence`, got: String(sequence), expected: `more than ${last}` };
    last = sequence;
  }
  return undefined;
};

const current = object({
  id: name,
  apps,
  request: object({
    remedy: maybe(
      tagged('kind', { restart: anything, evict: object({ pod: name }), scale: object({ replicas: whole(1) }) } satisfies Record<Remedy['kind'], Shape>),
    ),
  }),
  by: actor,
  key: maybe(text),
  startedAt: time,
  deadline: time,
  unwatchedDeadline: maybe(time),
  plan,
  from: maybe(revision),
  to: revision,
  replicas: whole(0),
  irreversible: maybe(flag),
  beyondPods: maybe(flag),
  phase: oneOf('forward', 'back', 'ended'),
  step: whole(0),
  reached: whole(-1),
  weight: number,
  weightAt: maybe(time),
  templateTouched: flag,
  wrote: maybe(text),
  accepted: maybe(list(text)),
  held: maybe(object({})),
  cascade: maybe(object({ candidates: list(revision), failed: list(attempt) })),
  back: maybe(plan),
  cause: maybe(cause),
  decidedAt: maybe(time),
  waiting: maybe(waiting),
  saved: object({}),
  driver: maybe(text),
  events,
  asked: maybe(list(object({ kind: oneOf('abort', 'resume', 'promote', 'approve', 'reject', 'pause'), rolloutId: name, by: actor }))),
  supersededBy: maybe(text),
  outcome: maybe(outcome),
});

const version = object({ hash: text, images: list(text) });

const outbox = object({
  heads: values(object({ app, by: actor, metadata: values(text), refs: values(text), strategy: maybe(text), from: maybe(version), to: maybe(version) })),
  notices: list(
    object({
      rolloutId: name,
      sequence: whole(1),
      type: name,
      title: text,
      text,
      at: time,
      severity: oneOf('info', 'warning', 'error', 'critical'),
      terminal: flag,
      facts: list(object({ key: text, value: text })),
      links: list(object({ href: text, text })),
      to: list(object({ notifier: name, state: oneOf('pending', 'refused'), attempts: whole(0) })),
    }),
  ),
  dropped: whole(0),
});

/** A record as the engine relies on it; fields that it does not know are left alone. */
export const recordShape: Shape = both(
  object({
    write: object({ by: text, count: whole(0) }),
    current,
    past: list(object({ id: name, startedAt: time, by: actor, outcome })),
    outbox: maybe(outbox),
  }),
  (value, path) => {
    const { phase, outcome: end, cause: why } = (value as { current: { phase: string; outcome?: unknown; cause?: unknown } }).current;
    if (phase === 'ended' && end === undefined) return { path: `${path}current.outcome`, got: 'nothing', expected: 'an outcome, since the phase is ended' };
    if (phase === 'back' && why === undefined) return { path: `${path}current.cause`, got: 'nothing', expected: 'a cause, since the phase is back' };
    return undefined;
  },
);
