import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import type { Engine } from '../engine/start.js';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { makePlan } from '../plan/make-plan.js';
import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { PortContext } from '../ports/context.js';
import type { Actions } from '../ports/platform.js';
import { clearLeftover } from '../rollout/leftover.js';
import { checksOf, type Prepared, prepareDeploy } from '../rollout/prepare.js';
import { evict, ready, resize, verify } from '../steps/index.js';
import { RollingUpdate } from '../strategies/rolling-update.js';
import type { Revision } from '../words/revision.js';
import { checkRemedy, type Remedy, type RemedyRequest } from './request.js';

type Parts = Pick<Engine, 'platform' | 'metrics' | 'registry'>;

/** Request → situation → plan, as of a deploy. Writes nothing. `at`: when it was asked for. @throws ShepherdError */
export async function prepareRemedy(parts: Parts, context: PortContext, request: RemedyRequest, at: string): Promise<Prepared> {
  checkRemedy(request);
  const { platform } = parts;
  const { actions } = platform;
  if (actions === undefined)
    throw invalidOptions([{ path: 'platform', got: platform.name, expected: 'a platform with actions' }], 'use the tools of that platform');
  if (request.kind === 'scale') return scaled(parts, context, request, request.replicas);
  return request.pod === undefined ? restarted(parts, context, request, actions, at) : evicted(parts, context, request, actions, request.pod);
}

/** The release that is there, with new pods: a rolling update like any, taken back like any. */
async function restarted(parts: Parts, context: PortContext, { app, checks, reason, timeout }: RemedyRequest, actions: Actions, at: string): Promise<Prepared> {
  const release = await actions.restarted(context, at);
  const prepared = await prepareDeploy(parts, context, { app, release, checks, reason, timeout, strategy: new RollingUpdate({ analysis: false }) });
  return { ...prepared, request: { ...prepared.request, remedy: { kind: 'restart' } } };
}

async function evicted(parts: Parts, context: PortContext, request: RemedyRequest, actions: Actions, pod: string): Promise<Prepared> {
  // Under the lock again: a refusal before the first write leaves everything untouched.
  await actions.mayEvict(context, pod);
  return inPlace(parts, context, request, { kind: 'evict', pod }, (target) => [evict(target, pod), ready(target, 'stable')]);
}

async function scaled(parts: Parts, context: PortContext, request: RemedyRequest, replicas: number): Promise<Prepared> {
  await refuseAutoscaled(parts, context);
  return inPlace(parts, context, request, { kind: 'scale', replicas }, (target) =>
    target.replicas === replicas ? [] : [resize(target, replicas), ready(target, 'stable')],
  );
}

/** A number that an autoscaler changes again is no remedy. @throws ShepherdError ERR_PREFLIGHT */
async function refuseAutoscaled({ platform }: Parts, context: PortContext): Promise<void> {
  const bounds = await platform.autoscaler?.read(context);
  if (bounds === undefined) return;
  const message = `an autoscaler keeps ${context.app.name} between ${bounds.min} and ${bounds.max} pods: a number that is set here would not stay`;
  const fix = 'change the bounds of the autoscaler instead: more pods at once by its minimum, room for more by its maximum';
  throw new ShepherdError('ERR_PREFLIGHT', message, { facts: { findings: [{ id: 'autoscaler', level: 'error', message, fix }] }, remedy: fix });
}

/** Steps that leave the release as it is. */
async function inPlace(
  { platform, registry }: Parts,
  context: PortContext,
  { checks: asked, reason, timeout }: RemedyRequest,
  remedy: Remedy,
  stepsOf: (target: Target) => readonly Step[],
): Promise<Prepared> {
  const [target, saved] = await Promise.all([observe(platform, context, false), platform.journal.load(context)]);
  const record = readAppRecord(saved, context.app);
  const underWay = record !== undefined && record.current.phase !== 'ended';
  const clean: Target = { ...target, touched: underWay, ...(underWay ? { candidate: undefined, weight: 0 } : {}) };
  const checks = asked ?? checksOf(platform, context, registry);
  for (const use of checks) registry.code(use);
  const own = stepsOf(clean);
  const { stable } = target;
  if (stable === undefined) throw nothingThere(context);
  const to: Revision = stable.revision;
  const plan = await makePlan({
    situation: { at: context.clock.now().toISOString(), release: { version: to.hash, irreversible: false }, checks, targets: [clean] },
    steps: own.length === 0 ? [] : [...clearLeftover(clean), ...own, verify(clean, checks)],
    asked: { remedy },
    releaseHash: to.hash,
    drainMs: 30_000,
    warnings: [],
    changes: own.length > 0,
  });
  return { context, request: { release: undefined, remedy, reason, timeout, checks }, target: clean, plan, from: to, to, saved, record };
}

const nothingThere = ({ app: { name, namespace } }: PortContext): ShepherdError =>
  new ShepherdError('ERR_APP_NOT_FOUND', `${namespace}/${name} has no pods yet`, {
    facts: { app: `${namespace}/${name}`, near: [] },
    remedy: 'deploy it first',
  });
