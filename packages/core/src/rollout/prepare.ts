import { standard } from '../checks/index.js';
import { usesOf } from '../engine/missing-use.js';
import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import type { AppRecord, StoredRequest } from '../engine/record.js';
import type { Engine } from '../engine/start.js';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import type { Use } from '../extend/definition.js';
import type { Registry } from '../extend/registry.js';
import { holdingIncident, sayIncident } from '../incidents/holding.js';
import type { Incident } from '../incidents/incident.js';
import { refuseTooLarge } from '../journal/room.js';
import { makePlan } from '../plan/make-plan.js';
import { placeHooks } from '../plan/place-hooks.js';
import type { Plan } from '../plan/plan.js';
import type { ReleaseInfo, Situation, Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { PortContext } from '../ports/context.js';
import type { Saved } from '../ports/journal.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { PlanNeeds, Platform } from '../ports/platform.js';
import { execFindings, runsCommands } from '../preflight/exec-findings.js';
import { needsMetrics } from '../strategies/judging.js';
import { refuse, shown } from '../strategies/options.js';
import { RollingUpdate } from '../strategies/rolling-update.js';
import { toMs } from '../words/duration.js';
import type { Finding } from '../words/finding.js';
import type { Revision } from '../words/revision.js';
import { hideSecrets, secretIssues } from '../words/secrets.js';
import { clearLeftover, isLeftover } from './leftover.js';
import { type Judging, prepareJudging } from './prepare-judging.js';
import type { DeployRequest } from './request.js';
import { checkInputs, checkUses, requestIssues } from './request-issues.js';

/** Everything that is known before the first write. */
export interface Prepared {
  readonly context: PortContext;
  readonly request: StoredRequest;
  readonly target: Target;
  readonly plan: Plan;
  readonly from: Revision | undefined;
  readonly to: Revision;
  readonly irreversible?: boolean | undefined;
  readonly beyondPods?: boolean | undefined;
  /** Of a rollback that names no revision: where it may go, `to` first. */
  readonly candidates?: readonly Revision[] | undefined;
  /** Undefined where nothing is judged by metrics. */
  readonly judging?: Judging | undefined;
  readonly saved: Saved | undefined;
  readonly record: AppRecord | undefined;
}

const irreversibleNote = 'irreversible: once it has begun, a failure waits for a person, who has it tried again or takes it back; no deadline takes it back';
const secretRemedy = 'put it into a Secret and refer to it: valueFrom.secretKeyRef in the pod template';

/** A request with its defaults, checked as far as it can be without a platform. @throws ShepherdError */
export function checkedRequest(request: DeployRequest, registry: Registry): DeployRequest {
  refuse(requestIssues(request));
  const { release, metadata, reason, strategy, checks, gates, hooks } = request;
  const kept = { release, metadata, reason, strategy: strategy?.options, checks, gates, hooks };
  refuse(
    Object.entries(kept).flatMap(([path, value]) => secretIssues(path, value)),
    secretRemedy,
  );
  checkUses(request, registry);
  return request;
}

/** What an app is asked where a request names no checks. @throws ShepherdError ERR_NOT_REGISTERED */
export function checksOf(platform: Platform<unknown>, { app }: PortContext, registry: Registry): readonly Use<'check'>[] {
  const checks = platform.checks?.(app) ?? standard();
  for (const use of checks) registry.code(use);
  return checks;
}

type Parts = Pick<Engine, 'platform' | 'metrics' | 'registry'>;

/** Request → situation → plan. Writes nothing. `before`: the same a moment ago. @throws ShepherdError */
export async function prepareDeploy(parts: Parts, context: PortContext, request: DeployRequest, before?: Prepared): Promise<Prepared> {
  const { findings, ...prepared } = await drawUp(parts, context, request, before);
  refuseFindings(findings);
  return prepared;
}

/** The same with everything that was found, errors too. @throws ShepherdError for what is wrong with the request itself */
export async function drawUp(
  { platform, metrics, registry }: Parts,
  context: PortContext,
  request: DeployRequest,
  before?: Prepared,
): Promise<Prepared & { readonly needs: PlanNeeds; readonly findings: readonly Finding[] }> {
  const { release, app: _, strategy = new RollingUpdate(), hooks = {}, checks = checksOf(platform, context, registry), ...rest } = request;
  if (!platform.releases.accepts(release)) {
    throw invalidOptions([
      {
        path: 'release',
        got: hideSecrets(shown(release)),
        expected: `something that ${platform.name} can release, such as { image: "registry/web:1.3.0" }`,
      },
    ]);
  }
  refuseUnjudged(strategy, metrics);
  await checkInputs(request, registry);
  // What the plan is made of was read together; what is written later is decided on anew.
  const seen: PortContext = { ...context, look: context.look ?? {} };
  const [target, info, saved, incident] = await Promise.all([
    observe(platform as Platform<never>, seen, false),
    platform.releases.identify(seen, release),
    platform.journal.load(context),
    // The second time the rollout asks itself, once it is stored.
    before === undefined || request.overrideIncident !== undefined ? holdingIncident(platform, context) : undefined,
  ]);
  const record = readAppRecord(saved, context.app);
  const touched = record !== undefined && record.current.phase !== 'ended';
  const { hash, notes = [], ...releaseInfo } = info;
  // What an unfinished rollout left behind is taken back before this one starts, so it is planned as if it were gone.
  const found: Target = { ...target, touched, ...(touched || idle(target) ? { candidate: undefined } : {}), ...(touched ? { weight: 0 } : {}) };
  const clean: Target = isLeftover(found) ? { ...found, candidate: undefined, weight: 0 } : found;
  const situation: Situation = {
    at: context.clock.now().toISOString(),
    release: releaseInfo satisfies ReleaseInfo,
    checks,
    judged: metrics !== undefined,
    targets: [clean],
  };
  // Stable runs it all the time: the rollout that is under way is taken back, and that is all (RR SM-8).
  const isBackToStable = touched && !record.current.templateTouched && target.stable?.revision.hash === hash;
  const steps = isBackToStable ? [] : [...clearLeftover(found), ...placeHooks(strategy.plan(situation), situation.targets, hooks)];
  const judging = await prepareJudging(metrics, context, steps, situation, before?.judging);
  const needs = needsOf(steps, request);
  const findings = [
    ...execFindings(platform, needs.exec === true),
    ...incidentFindings(incident, request),
    ...((await platform.lint?.(seen, release, needs)) ?? []),
    ...(judging?.findings ?? []),
  ];
  const stored: StoredRequest = { ...rest, release, checks, hooks, strategy: { kind: strategy.kind, options: strategy.options } };
  const plan = await makePlan({
    situation: { ...situation, targets: [found] },
    steps,
    asked: { release, strategy: stored.strategy },
    releaseHash: hash,
    drainMs: toMs(request.drain ?? '30s'),
    warnings: findings.filter(({ level }) => level === 'warning'),
    notes: [...notes, ...(info.irreversible ? [irreversibleNote] : []), ...(judging?.notes ?? [])],
  });
  refuseTooLarge(platform.journal, context.app, stored, plan);
  const to: Revision = {
    hash,
    owner: platform.releases.accepts(release) ? platform.name : 'unknown',
    images: [info.version],
    at: situation.at,
    verified: false,
  };
  return {
    context,
    request: stored,
    target,
    plan,
    from: target.stable?.revision,
    to,
    irreversible: info.irreversible,
    beyondPods: info.beyondPods,
    judging,
    saved,
    record,
    needs,
    findings,
  };
}

/** While one of these is open nothing new is begun, but for what a person says is meant for it. */
function incidentFindings(incident: Incident | 'unknown' | undefined, { overrideIncident }: DeployRequest): readonly Finding[] {
  if (incident === undefined || incident === 'unknown') return [];
  const [id, object] = ['incident-open', incident.id];
  if (overrideIncident !== undefined)
    return [
      { id, level: 'warning', object, message: `${sayIncident(incident)}; released all the same: ${overrideIncident}`, fix: 'resolve it once it is over' },
    ];
  const fix = `resolve it once it is over (shepherd incident resolve ${incident.id} --reason TEXT), or release what is meant for it with --override-incident --reason TEXT; a rollback passes`;
  return [{ id, level: 'error', object, message: sayIncident(incident), fix }];
}

const needsOf = (steps: readonly Step[], { timeout = '1h' }: Pick<DeployRequest, 'timeout'>): PlanNeeds => ({
  candidate: steps.some(({ kind }) => kind === 'apply'),
  autoscaler: steps.some((step) => step.kind === 'apply' && step.autoscaler === 'hold'),
  isolated: steps.some((step) => step.kind === 'apply' && step.isolated === true),
  judged: steps.some((step) => step.kind === 'analyse' && needsMetrics(step.options)),
  asked: steps.some((step) => step.kind === 'smoke' || step.kind === 'verify'),
  exec: steps.some((step) => runsCommands(usesOf(step))),
  steps: [...new Set(steps.flatMap((step) => (step.kind === 'custom' ? [step.step.use] : [])))],
  timeoutMs: toMs(timeout),
});

/** A pair's other colour at rest is no leftover. */
const idle = ({ candidate, roles }: Target): boolean => candidate !== undefined && roles === 'swap' && candidate.replicas === 0;

/** @throws ShepherdError ERR_PREFLIGHT where one is an error */
export function refuseFindings(findings: readonly Finding[]): void {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length === 0) return;
  throw new ShepherdError('ERR_PREFLIGHT', errors.map(({ message, fix }) => `${message}; ${fix}`).join('\n'), {
    facts: { findings: errors },
    remedy: errors.map(({ fix }) => fix).join('; '),
  });
}

function refuseUnjudged({ kind, options }: NonNullable<DeployRequest['strategy']>, metrics: MetricsProvider | undefined): void {
  const { analysis } = (options ?? {}) as { analysis?: unknown };
  if (kind === 'canary' && analysis === undefined && metrics === undefined) {
    throw invalidOptions(
      [
        {
          path: 'strategy.analysis',
          got: 'nothing',
          expected: 'metrics in the Shepherd, or analysis: false, which says that nobody judges this canary by metrics',
        },
      ],
      'give the Shepherd a metrics provider, or say analysis: false to go by health checks and pods alone',
    );
  }
}
