import { ShepherdError } from '../errors/shepherd-error.js';
import { podsOf } from '../plan/situation.js';
import type { Drift, Expected } from '../ports/platform.js';
import type { Attempt } from '../rollout/outcome.js';
import type { StepRun } from '../steps/step-run.js';
import { inconclusive, type Verdict } from '../words/verdict.js';
import { moveWeight } from './move-weight.js';
import type { RolloutRecord } from './record.js';

/** What this rollout has made of the world by now, at a step of its plan; undefined where it replaces nothing. Pure. */
export function expectedOf({ plan, from, to, wrote, weight, templateTouched, cascade }: RolloutRecord, index: number): Expected | undefined {
  if (from === undefined) return undefined;
  const steps = plan.steps.map(({ step }) => step);
  const at = (...kinds: readonly string[]): number => steps.findIndex(({ kind }) => kinds.includes(kind));
  const [made, written, retired] = [at('apply'), at('promote', 'roll', 'restore'), at('retire')];
  const ours = [to.hash, ...(wrote === undefined ? [] : [wrote])];
  const tried = (cascade?.failed ?? []).flatMap(hashesOf);
  const beside = made >= 0 && made < index && (retired < 0 || index < retired);
  return {
    // In the step that writes it, either may be there: it may have been killed before or after the write.
    stable: written >= 0 && index > written ? ours : [from.hash, ...tried, ...(templateTouched ? ours : [])],
    candidate: beside ? to.hash : undefined,
    weight: beside && steps[index]?.kind !== 'shift' ? weight : undefined,
  };
}

/** What an attempt of a rollback may have left as stable's template. */
export const hashesOf = ({ revision, wrote }: Attempt): readonly string[] => [revision.hash, ...(wrote === undefined ? [] : [wrote])];

const keyOf = ({ kind, object, value }: Drift): string => `${kind} ${object} ${value}`;

/** What somebody else changed since; what a person told us to go on with is left out. */
async function findDrift(run: StepRun): Promise<readonly Drift[]> {
  const expected = expectedOf(run.record(), run.index);
  if (expected === undefined || run.platform.tracks.drift === undefined) return [];
  const { accepted = [] } = run.record();
  return (await run.platform.tracks.drift(run.read(), expected)).filter((each) => !accepted.includes(keyOf(each)));
}

/** One sentence: what, where, who, when. */
const textOf = ({ what, object, field, by, at }: Drift): string => `${object}: ${what} (${field}) by ${by}${at === undefined ? '' : ` at ${at}`}`;

/**
 * Whether somebody else writes what this rollout works on (RR IS-3, LK-6): it holds and says who, and does not fight. Undefined: nobody does.
 * @throws ShepherdError ERR_CONFLICT where the candidate was taken away: nothing is left to go on with
 */
export async function driftVerdict(run: StepRun): Promise<Verdict | undefined> {
  const found = await findDrift(run);
  const gone = found.find(({ kind }) => kind === 'gone');
  if (gone !== undefined) {
    throw new ShepherdError('ERR_CONFLICT', textOf(gone), {
      facts: { object: gone.object, reason: gone.what },
      remedy: 'see who took it away; deploy again when it is to be released',
    });
  }
  if (found.length === 0) return undefined;
  const goOn = found.some(({ kind }) => kind === 'paused') ? 'unpause it, then resume' : 'resume takes what this rollout wants, abort leaves what is there';
  return inconclusive(`${found.map(textOf).join('; ')}: ${goOn}`, found);
}

/** A person said to go on: a foreign template is written over when its time comes, traffic and pods are set again now. What is paused stays so. */
export async function takeOurs(run: StepRun): Promise<void> {
  const found = await findDrift(run);
  const templates = found.filter(({ kind }) => kind === 'template').map(keyOf);
  if (templates.length > 0) await run.commit({ accepted: [...(run.record().accepted ?? []), ...templates] });
  if (!found.some(({ kind }) => kind === 'replicas' || kind === 'traffic')) return;
  const weight = askedWeight(run);
  if (weight !== undefined) await moveWeight(run, weight, false);
  else await madeAgain(run);
}

/** Before any traffic was moved: the candidate as it was made. */
async function madeAgain(run: StepRun): Promise<void> {
  const { candidate, replicas } = await run.target();
  const made = run
    .record()
    .plan.steps.map(({ step }) => step)
    .find((step) => step.kind === 'apply');
  if (made === undefined || candidate === undefined) return;
  await run.platform.tracks.scale(run.write(), 'candidate', podsOf(made.capacity, replicas));
}

/** What the last shift before this step asked for. */
export function askedWeight(run: Pick<StepRun, 'record' | 'index'>): number | undefined {
  const before = run.record().plan.steps.slice(0, run.index);
  return before.map(({ step }) => (step.kind === 'shift' ? step.weight : undefined)).findLast((weight) => weight !== undefined);
}
