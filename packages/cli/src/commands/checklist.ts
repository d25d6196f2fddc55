import { resolve } from 'node:path';
import { type App, formatApp, type Issue, type Revision, type RolloutState, Shepherd, ShepherdError } from '@shepherd/core';
import { api, database, endpoints, health, metrics, standard } from '@shepherd/core/checks';
import { diagnose } from '@shepherd/core/diagnosis';
import { signsOf, verify } from '@shepherd/core/verification';
import { personHere } from '../actor.js';
import { type Acknowledgement, keepAcknowledgements, ofRelease, readAcknowledgements } from '../checklist/acknowledgements.js';
import { checklistOf, checklistText, type Evidence } from '../checklist/checklist.js';
import { duringEvidence } from '../checklist/during-evidence.js';
import { forgeEvidence, forgeOf } from '../checklist/forge.js';
import { items, type Phase, phases } from '../checklist/items.js';
import { postEvidence } from '../checklist/post-evidence.js';
import { preEvidence } from '../checklist/pre-evidence.js';
import { factsOf, type RolloutFacts, strategyIn } from '../checklist/rollout-facts.js';
import { loadSettings } from '../config/load-config.js';
import type { LoadedSettings } from '../config/settings.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, type PlanInput, planInput, refuse } from '../flags/deploy-input.js';
import type { PlanFlags } from '../flags/flags.js';
import { isByPath, namedChecks } from '../flags/named-checks.js';
import { schemaVersion } from '../ledger.js';
import { suggestStrategy } from '../suggest.js';
import type { World } from '../world.js';
import { type Session, withShepherd } from './with-shepherd.js';

export interface ChecklistFlags extends PlanFlags {
  readonly ack?: readonly string[] | undefined;
  readonly by?: string | undefined;
  readonly require?: string | undefined;
  readonly file?: string | undefined;
}

interface Asked {
  readonly phase: Phase;
  readonly app: string;
  /** Undefined: no release is named. */
  readonly input: PlanInput | undefined;
  readonly settings: LoadedSettings;
}

/** What was collected: which images it is about, and evidence by item. */
interface Collected {
  readonly app: App;
  readonly release: readonly string[];
  readonly evidence: Evidence;
}

/** Goes through one of the guide's lists: what can be found is found, a person ticks the rest. Writes nothing to the cluster. @returns 5 where an item is required and not done */
export async function checklist(first: string, argument: string | undefined, flags: ChecklistFlags, world: World): Promise<number> {
  const { io } = world;
  const settings = await loadSettings(flags, io);
  const issues: Issue[] = [];
  const phase = phases.find((each) => each === first);
  if (phase === undefined) issues.push({ path: 'checklist', got: JSON.stringify(first), expected: phases.join(', ') });
  const app = appName(argument, flags, settings, issues);
  const required = requiredIds(flags.require, settings, issues);
  const acknowledged = acknowledgedIds(flags, phase, issues);
  const by = flags.by ?? personHere(io.env)?.name;
  if (acknowledged.length > 0 && (by === undefined || by.trim() === '')) issues.push({ path: '--by', got: 'nothing', expected: 'the person who says so' });
  refuse(issues);
  const input = namesRelease(flags, settings) ? planInput(argument, flags, settings) : undefined;
  const file = resolve(io.cwd, flags.file ?? 'shepherd.checklist.jsonl');
  const known = await readAcknowledgements(file);
  return withShepherd(connectionOf(flags, settings), world, async (session) => {
    const asked: Asked = { phase: phase as Phase, app, input, settings };
    const { app: found, release, evidence } = await collected(asked, session, world);
    const name = `${found.namespace}/${found.name}`;
    if (acknowledged.length > 0 && release.length === 0)
      refuse([{ path: '--image', got: 'nothing', expected: 'the release that it is about: a tick holds for its images' }]);
    const about = { app: name, release, ...(settings.environment === undefined ? {} : { environment: settings.environment }) };
    const at = world.clock.now().toISOString();
    const added = acknowledged.map((id): Acknowledgement => ({ id, ...about, by: String(by), reason: String(flags.reason), at }));
    if (added.length > 0) await keepAcknowledgements(file, added);
    const list = checklistOf({ phase: asked.phase, app: name, release, required, skip: settings.checklist?.skip ?? [] }, evidence, [
      ...ofRelease(known, { environment: undefined, ...about }),
      ...added,
    ]);
    const exitCode = list.blocked.length === 0 ? 0 : 5;
    io.stdout.write(flags.json === true ? `${JSON.stringify({ schemaVersion, type: 'result', ...list, exitCode })}\n` : `${checklistText(list)}\n`);
    return exitCode;
  });
}

const namesRelease = ({ image, env, chart, values, set }: PlanFlags, settings: LoadedSettings): boolean =>
  [image, env, chart, values, set].some((each) => each !== undefined) || settings.chart !== undefined;

function requiredIds(asked: string | undefined, { checklist: configured }: LoadedSettings, issues: Issue[]): readonly string[] {
  const all = items.map(({ id }) => id);
  if (asked === 'all') return all;
  const ids = asked === undefined ? (configured?.required ?? []) : asked.split(',').map((id) => id.trim());
  if (ids === 'all') return all;
  for (const id of ids) if (!all.includes(id)) issues.push({ path: '--require', got: JSON.stringify(id), expected: 'all, or ids from I1 to I46' });
  return ids;
}

function acknowledgedIds({ ack = [], reason }: ChecklistFlags, phase: Phase | undefined, issues: Issue[]): readonly string[] {
  const ids = ack.flatMap((each) => each.split(',').map((id) => id.trim()));
  for (const id of ids) {
    const item = items.find((each) => each.id === id);
    if (item === undefined || (phase !== undefined && item.phase !== phase))
      issues.push({
        path: '--ack',
        got: JSON.stringify(id),
        expected: `an id of this list, such as ${items.find((each) => each.phase === phase)?.id ?? 'I1'}`,
      });
    else if (item.by === 'evidence') issues.push({ path: '--ack', got: id, expected: `evidence: ${item.source}; nobody can say it` });
  }
  if (ids.length > 0 && !reason?.trim()) issues.push({ path: '--reason', got: 'nothing', expected: 'why it may be ticked: a link, a number of a ticket' });
  return ids;
}

async function collected({ phase, ...asked }: Asked, session: Session, world: World): Promise<Collected> {
  if (phase === 'pre') return before(asked, session, world);
  return phase === 'during' ? meanwhile(asked, session) : after(asked, session);
}

type Where = Omit<Asked, 'phase'>;

async function before({ app, input, settings }: Where, { shepherd, interrupt }: Session, world: World): Promise<Collected> {
  const signal = interrupt.abortSignal;
  const forge = forgeOf(world.io.env);
  const [findings, plan, revisions, { target }, reviewed, earlier, signs] = await Promise.all([
    input === undefined ? undefined : shepherd.preflight(input.request, { signal }),
    // What would be refused is a finding.
    input === undefined ? undefined : shepherd.plan(input.request, { signal }).catch(refused(signal)),
    shepherd.history(app),
    shepherd.status(app),
    forge === undefined ? {} : forgeEvidence(forge, signal),
    earlierRevisions(app, settings, world),
    signsOf(shepherd, app, signal),
  ]);
  const named = input?.request.release;
  const release = plan?.images ?? (named !== undefined && 'image' in named && typeof named.image === 'string' ? [named.image] : []);
  const serving = target.stable?.revision.hash;
  const evidence = preEvidence({ app: target.app, findings, release, revisions, serving, earlier, signs, now: world.clock.now() }, settings);
  return { app: target.app, release, evidence: { ...evidence, ...reviewed } };
}

/** What would be refused is a finding, and no plan. */
const refused =
  (signal: AbortSignal) =>
  (error: unknown): undefined => {
    signal.throwIfAborted();
    if (!ShepherdError.is(error)) throw error;
  };

/** Revisions in the environment that a release must have succeeded in. */
async function earlierRevisions(app: string, settings: LoadedSettings, { connect, clock }: World): Promise<readonly Revision[] | string | undefined> {
  if (settings.required === undefined) return undefined;
  try {
    await using shepherd = new Shepherd({ platform: await connect(connectionOf({}, settings.required)), clock });
    const name = settings.required.app ?? app.split('/').at(-1) ?? app;
    return await shepherd.history(settings.required.namespace === undefined ? name : `${settings.required.namespace}/${name.split('/').at(-1)}`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function meanwhile({ app, input, settings }: Where, session: Session): Promise<Collected> {
  const { shepherd, interrupt } = session;
  const signal = interrupt.abortSignal;
  const { target, rollout: state } = await shepherd.status(app);
  const [findings, rollout, verification] = await Promise.all([
    input === undefined ? undefined : shepherd.preflight(input.request, { signal }),
    lastRollout(state, session),
    verify(shepherd, app, { signal, checks: standard({ quiet: '0s' }) }),
  ]);
  const release = rollout?.plan.images ?? target.stable?.revision.images ?? [];
  const evidence = duringEvidence({
    cluster: `${formatApp(target.app)} answers`,
    findings,
    hasChart: input !== undefined && 'chart' in input.request.release,
    rollout,
    strategy: rollout === undefined ? undefined : strategyIn(rollout.plan),
    suggestion: suggestStrategy({ from: target.stable?.revision.images ?? [], to: release, risk: settings.risk }),
    verification,
  });
  return { app: target.app, release, evidence };
}

async function after({ app, settings }: Where, session: Session): Promise<Collected> {
  const { shepherd, interrupt } = session;
  const signal = interrupt.abortSignal;
  const { target, rollout: state } = await shepherd.status(app);
  const [asked] = namedChecks((settings.checks ?? []).filter(isByPath), []);
  const answer = asked ?? api({ path: '/api/health', header: { 'content-type': 'application/json' } });
  const [validation, rollout, signs, diagnosis, revisions] = await Promise.all([
    verify(shepherd, app, { signal, checks: [health({}), answer, database(), metrics(), endpoints({})] }),
    lastRollout(state, session),
    signsOf(shepherd, app, signal),
    diagnose(shepherd, app, { signal }),
    shepherd.history(app),
  ]);
  const serving = target.stable?.revision.hash;
  const evidence = postEvidence({ app, validation, rollout, signs, diagnosis, revisions, serving, notify: settings.notify });
  return { app: target.app, release: target.stable?.revision.images ?? [], evidence };
}

const lastRollout = async (state: RolloutState | undefined, { shepherd }: Session): Promise<RolloutFacts | undefined> =>
  state === undefined ? undefined : factsOf(await shepherd.get(state.id));
