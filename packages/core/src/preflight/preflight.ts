import { readAppRecord } from '../engine/read-record.js';
import type { Engine } from '../engine/start.js';
import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import { cleanWhy } from '../notices/clean.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { Notifier } from '../ports/notifier.js';
import type { Asked } from '../ports/platform.js';
import type { Located } from '../rollout/clusters.js';
import { isBadInput } from '../rollout/exit-code.js';
import { drawUp, type Prepared } from '../rollout/prepare.js';
import type { DeployRequest } from '../rollout/request.js';
import type { Finding } from '../words/finding.js';
import { errorFindings } from './error-findings.js';

interface Flight {
  readonly request: DeployRequest;
  locate(): Promise<Located>;
  engine(located: Located): Engine;
}

const order: readonly Finding['level'][] = ['error', 'warning', 'note'];

/**
 * Everything that stands in the way of a deploy, errors first. What cannot be looked at since something else fails is left out, and that is named. Writes
 * nothing. @throws ShepherdError for what is wrong with the request itself
 */
export async function preflight({ request, locate, engine }: Flight): Promise<readonly Finding[]> {
  const located = await orFindings(locate);
  if ('findings' in located) return located.findings;
  const { context, platform } = located.value;
  const [prepared, lock, told] = await Promise.all([
    orFindings(() => drawUp(engine(located.value), context, request)),
    orFindings(() => lockFindings(located.value)),
    channelFindings(engine(located.value).notices?.notifiers ?? [], context),
  ]);
  const asked: Asked | undefined = 'findings' in prepared ? undefined : { release: request.release, needs: prepared.value.needs };
  const found = await orFindings(async () => (await platform.preflight?.(context, asked)) ?? []);
  const all = [
    ...('findings' in found ? found.findings : found.value),
    ...('findings' in lock ? lock.findings : lock.value),
    ...told,
    ...('findings' in prepared ? prepared.findings : [...prepared.value.findings, ...planFindings(prepared.value)]),
  ];
  return unique(all.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level)));
}

/** What fails for the world's sake is a finding; what is wrong with the request is thrown. */
async function orFindings<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly findings: readonly Finding[] }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!ShepherdError.is(error) || isBadInput(error.code) || error.code === 'ERR_UNEXPECTED' || error.code === 'ERR_ABORTED') throw error;
    return { findings: errorFindings(error) };
  }
}

/** What is wrong with the channels: told, and never in the way, since a rollout does not depend on them. One that does not answer is not waited for. */
async function channelFindings(notifiers: readonly Notifier[], context: PortContext): Promise<readonly Finding[]> {
  const one = async (notifier: Notifier): Promise<readonly Finding[]> => {
    const over = new AbortController();
    const late = context.clock.sleep(channelMs, over.signal).then((): readonly Finding[] => [unknown(notifier, 'its preflight did not answer')]);
    late.catch(() => undefined);
    try {
      return await Promise.race([Promise.resolve(notifier.preflight?.({ ...context, signal: AbortSignal.any([context.signal, over.signal]) })), late]).then(
        (found) => found ?? [],
      );
    } catch (error) {
      return [unknown(notifier, cleanWhy(errorInfo(error).message))];
    } finally {
      over.abort();
    }
  };
  const found = (await Promise.all(notifiers.map(one))).flat();
  return found.map((finding) => (finding.level === 'error' ? { ...finding, level: 'warning' } : finding));
}

const channelMs = 10_000;

const unknown = ({ name }: Notifier, message: string): Finding => ({
  id: 'notifier-unknown',
  level: 'warning',
  object: `notifier ${name}`,
  message,
  fix: 'see to the notifier; the rollout itself does not need it',
});

/** Who writes to the app now, or left it unfinished. */
async function lockFindings({ platform, context }: Located): Promise<readonly Finding[]> {
  const [holder, saved] = await Promise.all([platform.lock.read(context), platform.journal.load(context)]);
  if (holder !== undefined) {
    return [
      {
        id: 'lock-held',
        level: 'error',
        object: `app ${context.app.name}`,
        message: `${context.app.name} is being released already: ${holder.rolloutId}, by ${holder.heldBy} since ${holder.since}`,
        fix: `wait for it (shepherd watch ${context.app.name}), or take it back (shepherd abort ${context.app.name})`,
      },
    ];
  }
  const record = readAppRecord(saved, context.app);
  if (record === undefined || record.current.phase === 'ended') return [];
  return [
    {
      id: 'unfinished-rollout',
      level: 'warning',
      object: `app ${context.app.name}`,
      message: `rollout ${record.current.id} was left at step ${record.current.step + 1} and nobody drives it: a deploy takes it back first`,
      fix: `go on with it (shepherd resume ${record.current.id}), or let the deploy take it back`,
    },
  ];
}

/** What the plan and the app as it stands say. */
function planFindings({ plan, target, from }: Prepared): readonly Finding[] {
  const found = plan.warnings.filter(({ id }) => id === 'coarse-weight');
  return [...found, ...health(target), ...(from === undefined && target.stable === undefined ? [] : wayBack(target))];
}

/** A release over pods that are not well hides which of the two was at fault. */
function health({ app, stable, replicas }: Target): readonly Finding[] {
  if (stable === undefined || (stable.ready >= stable.replicas && stable.crashLooping !== true)) return [];
  const looping = stable.crashLooping === true ? ', a container of them ends again and again' : '';
  return [
    {
      id: 'unhealthy',
      level: 'warning',
      object: `app ${app.name}`,
      message: `the version that serves is not well: ${stable.ready} of ${Math.max(replicas, stable.replicas)} pods are ready${looping}`,
      fix: 'find out why first, unless this release is what mends it: if it fails, the way back leads to these pods',
    },
  ];
}

/** A version that was verified is a way back worth its name. */
function wayBack({ app, stable }: Target): readonly Finding[] {
  if (stable === undefined) return [];
  const { hash, images, bad } = stable.revision;
  if (bad !== undefined) {
    return [
      {
        id: 'way-back-bad',
        level: 'warning',
        object: `app ${app.name}`,
        message: `the version that serves, ${hash} (${images.join(', ')}), was taken back once: ${bad}`,
        fix: 'know that going back leads to it',
      },
    ];
  }
  return [
    {
      id: 'way-back',
      level: 'note',
      object: `app ${app.name}`,
      message: `if this release fails, it goes back to ${hash} (${images.join(', ')}) by itself; later: shepherd rollback ${app.name} --to ${hash}`,
      fix: 'nothing to do',
    },
  ];
}

/** The same thing may be found on two ways, once without its place: the gravest that knows it best stays. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  const key = ({ id, object, path, message }: Finding): string => JSON.stringify([id, object, path, path === undefined ? message : '']);
  const placed = new Set(findings.flatMap(({ id, object, path }) => (path === undefined ? [] : [`${id} ${object}`])));
  const seen = new Set<string>();
  return findings.filter((finding) => {
    if (finding.path === undefined && finding.id.startsWith('zd/') && placed.has(`${finding.id} ${finding.object}`)) return false;
    const own = key(finding);
    return !seen.has(own) && seen.add(own) !== undefined;
  });
}
