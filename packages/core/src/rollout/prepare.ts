import { standard } from '../checks/index.js';
import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import type { AppRecord, StoredRequest } from '../engine/record.js';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import type { Registry } from '../extend/registry.js';
import { makePlan } from '../plan/make-plan.js';
import { placeHooks } from '../plan/place-hooks.js';
import type { Plan } from '../plan/plan.js';
import type { ReleaseInfo, Situation, Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { PortContext } from '../ports/context.js';
import type { Saved } from '../ports/journal.js';
import type { Platform } from '../ports/platform.js';
import { refuse } from '../strategies/options.js';
import { RollingUpdate } from '../strategies/rolling-update.js';
import { toMs } from '../words/duration.js';
import type { Finding } from '../words/finding.js';
import type { Revision } from '../words/revision.js';
import type { DeployRequest } from './request.js';
import { checkUses, requestIssues } from './request-issues.js';

/** Everything that is known before the first write. */
export interface Prepared {
  readonly context: PortContext;
  readonly request: StoredRequest;
  readonly target: Target;
  readonly plan: Plan;
  readonly from: Revision | undefined;
  readonly to: Revision;
  readonly saved: Saved | undefined;
  readonly record: AppRecord | undefined;
}

/** A request with its defaults, checked as far as it can be without a platform. @throws ShepherdError */
export function checkedRequest(request: DeployRequest, registry: Registry): DeployRequest {
  refuse(requestIssues(request));
  checkUses(request, registry);
  return request;
}

/** Request → situation → plan. Writes nothing. @throws ShepherdError */
export async function prepareDeploy(platform: Platform<unknown>, context: PortContext, request: DeployRequest): Promise<Prepared> {
  const { release, app: _, strategy = new RollingUpdate(), hooks = {}, checks = standard(), ...rest } = request;
  if (!platform.releases.accepts(release)) {
    throw invalidOptions([
      {
        path: 'release',
        got: JSON.stringify(release) ?? 'nothing',
        expected: `something that ${platform.name} can release, such as { image: "registry/web:1.3.0" }`,
      },
    ]);
  }
  refuseUnjudged(strategy);
  const [target, info, saved, findings] = await Promise.all([
    observe(platform as Platform<never>, context, false),
    platform.releases.identify(context, release),
    platform.journal.load(context),
    platform.lint?.(context, release) ?? [],
  ]);
  refuseFindings(findings);
  const record = readAppRecord(saved, context.app);
  const touched = record !== undefined && record.current.phase !== 'ended';
  const { hash, ...releaseInfo } = info;
  // What an unfinished rollout left behind is taken back before this one starts, so it is planned as if it were gone.
  const clean: Target = { ...target, touched, candidate: touched || idle(target) ? undefined : target.candidate, weight: touched ? 0 : target.weight };
  const situation: Situation = { at: context.clock.now().toISOString(), release: releaseInfo satisfies ReleaseInfo, checks, targets: [clean] };
  const steps = placeHooks(strategy.plan(situation), situation.targets, hooks);
  refuseJudging(steps);
  const stored: StoredRequest = { ...rest, release, checks, hooks, strategy: { kind: strategy.kind, options: strategy.options } };
  const plan = await makePlan({
    situation,
    steps,
    asked: { release, strategy: stored.strategy },
    releaseHash: hash,
    drainMs: toMs(request.drain ?? '30s'),
    warnings: findings.filter(({ level }) => level === 'warning'),
  });
  const to: Revision = {
    hash,
    owner: platform.releases.accepts(release) ? platform.name : 'unknown',
    images: [info.version],
    at: situation.at,
    verified: false,
  };
  return { context, request: stored, target, plan, from: target.stable?.revision, to, saved, record };
}

/** A pair's other colour at rest is no leftover. */
const idle = ({ candidate, roles }: Target): boolean => candidate !== undefined && roles === 'swap' && candidate.replicas === 0;

function refuseFindings(findings: readonly Finding[]): void {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length === 0) return;
  throw new ShepherdError('ERR_PREFLIGHT', errors.map(({ message, fix }) => `${message}; ${fix}`).join('\n'), {
    facts: { findings: errors },
    remedy: errors.map(({ fix }) => fix).join('; '),
  });
}

function refuseUnjudged({ kind, options }: NonNullable<DeployRequest['strategy']>): void {
  const { analysis } = (options ?? {}) as { analysis?: unknown };
  if (kind === 'canary' && analysis === undefined) {
    throw invalidOptions(
      [{ path: 'strategy.analysis', got: 'nothing', expected: 'analysis: false, which says that nobody judges this canary by metrics' }],
      'say analysis: false to go by health checks and pods alone',
    );
  }
}

/** Until there is a judge for metrics, nothing may look as if there were one. */
function refuseJudging(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind !== 'analyse') continue;
    const { errorRate, latency, minRequests } = step.options;
    if (errorRate === undefined && latency === undefined && minRequests === undefined && step.options.against === 'limits') continue;
    throw invalidOptions(
      [{ path: 'strategy.analysis', got: JSON.stringify(step.options), expected: 'analysis: false, because judging by metrics is not built yet' }],
      'say analysis: false to go by health checks and pods alone',
    );
  }
}
