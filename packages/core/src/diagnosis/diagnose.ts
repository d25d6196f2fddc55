import { readAppRecord } from '../engine/read-record.js';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { untilAborted } from '../internal/until-aborted.js';
import type { Dependency, EvidenceAsked, PlatformEvidence } from '../ports/evidence.js';
import { inside, type Shepherd } from '../shepherd.js';
import { shown } from '../strategies/options.js';
import type { AppRef } from '../words/app.js';
import { causesOf } from './causes-of.js';
import { diagnosisOf, type Looking } from './diagnosis-of.js';
import { type DiagnosisReport, findingsOf, type Recent, stateOf, type Trouble, troubles, type Unread } from './report.js';
import { isKnown, Seen } from './seen.js';

/** How to look. */
export interface DiagnoseOptions {
  /** What seems to be wrong: what is shown beside the causes. @default the causes and recent changes */
  readonly about?: Trouble | undefined;
  /** What the app needs: each is looked up, connected to, and logged in to by the app's own path. @default none */
  readonly dependencies?: readonly Dependency[] | undefined;
  /** About the registry: whether registries are asked whose address is not of the internet. @default false */
  readonly allowPrivate?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The whole of it, whatever hangs. */
const limitMs = 10_000;
/** For what is made of it. */
const spareMs = 500;

/**
 * Why an app is not well: reads all that tells in parallel, within ten seconds, and changes nothing. A source that may not be read, fails or hangs is named in
 * `unread` and keeps nothing else away. @throws ShepherdError ERR_INVALID_OPTIONS; ERR_APP_NOT_FOUND, ERR_FORBIDDEN, ERR_UNREACHABLE where the app itself
 * cannot be read
 */
export async function diagnose(shepherd: Shepherd<never>, app: AppRef, options: DiagnoseOptions = {}): Promise<DiagnosisReport> {
  const { about, dependencies = [], allowPrivate = false, signal = new AbortController().signal } = options;
  check(about, dependencies);
  const { clock } = inside(shepherd);
  const started = clock.monotonicMs();
  const at = clock.now().toISOString();
  const cut = new AbortController();
  const done = new AbortController();
  void clock.sleep(limitMs - spareMs, done.signal).then(
    () => cut.abort(),
    () => undefined,
  );
  const both = AbortSignal.any([signal, cut.signal]);
  try {
    const looking = await found(shepherd, app, both, cut.signal);
    const unread: Unread[] = [];
    const [evidence, recent] = await Promise.all([
      read(looking, { dependencies, ...(about === 'registry' ? { registries: { allowPrivate } } : {}) }, both, cut.signal, unread),
      readRecent(looking, both, unread),
    ]);
    signal.throwIfAborted();
    const seen = new Seen(looking.context.app, evidence);
    const causes = causesOf(looking.context.app, evidence);
    unread.push(...seen.all('unread').map(({ object, data }) => ({ what: object, ...data })));
    return {
      app: looking.context.app,
      at,
      ms: Math.round(clock.monotonicMs() - started),
      about,
      ...stateOf(seen, causes),
      causes,
      findings: findingsOf(seen, about, recent),
      unread: unread.toSorted((a, b) => (a.what < b.what ? -1 : 1)),
    };
  } finally {
    done.abort();
  }
}

function check(about: unknown, dependencies: readonly Dependency[]): void {
  const issues = [
    ...(about === undefined || troubles.includes(about as Trouble) ? [] : [{ path: 'about', got: shown(about), expected: troubles.join(', ') }]),
    ...dependencies.flatMap(({ name, address, auth }, index) => [
      ...(name === '' ? [{ path: `dependencies.${index}.name`, got: '""', expected: 'a name' }] : []),
      ...(/^[^\s/:@]+:\d{1,5}$/.test(address)
        ? []
        : [{ path: `dependencies.${index}.address`, got: shown(address), expected: 'host:port, as mongodb.mongodb.svc:27017' }]),
      ...(auth === undefined || auth.startsWith('/')
        ? []
        : [{ path: `dependencies.${index}.auth`, got: shown(auth), expected: 'a path of the app, as /health/database' }]),
    ]),
  ];
  if (issues.length > 0) throw invalidOptions(issues);
}

async function found(shepherd: Shepherd<never>, app: AppRef, both: AbortSignal, cut: AbortSignal): Promise<Looking> {
  try {
    return await untilAborted(diagnosisOf(shepherd, app, both), both);
  } catch (error) {
    if (!cut.aborted) throw error;
    throw new ShepherdError('ERR_UNREACHABLE', `the app could not be read within ${(limitMs - spareMs) / 1_000} s`, {
      facts: { what: 'the app', reason: 'no answer' },
      remedy: 'see that the platform can be reached from here, and whether it is well itself',
      retryable: true,
    });
  }
}

/** What comes until the time is up; what fails on the way is named. */
async function read(
  { diagnosis, context }: Looking,
  asked: EvidenceAsked,
  both: AbortSignal,
  cut: AbortSignal,
  unread: Unread[],
): Promise<readonly PlatformEvidence[]> {
  const evidence: PlatformEvidence[] = [];
  const iterator = diagnosis.read({ ...context, signal: both }, asked)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), both);
      if (next.done === true) return evidence;
      if (isKnown(next.value)) evidence.push(next.value);
    }
  } catch (error) {
    if (both.aborted && !cut.aborted) throw error;
    unread.push({
      what: 'the rest',
      reason: cut.aborted ? 'timeout' : 'failed',
      ...(cut.aborted ? {} : { message: error instanceof Error ? error.message : String(error) }),
    });
    void iterator.return?.(undefined)?.catch(() => undefined);
    return evidence;
  }
}

/** What the journal and the revisions tell; each for itself. */
async function readRecent({ platform, diagnosis, context, journal }: Looking, signal: AbortSignal, unread: Unread[]): Promise<Recent> {
  const asked = { ...context, signal };
  const or = async <T>(what: string, otherwise: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await untilAborted(work(), signal);
    } catch (error) {
      unread.push({
        what,
        reason: signal.aborted ? 'timeout' : ShepherdError.is(error, 'ERR_FORBIDDEN') ? 'forbidden' : 'failed',
        message: error instanceof Error ? error.message : String(error),
      });
      return otherwise;
    }
  };
  const [revisions, record, notes] = await Promise.all([
    or('revisions', [], () => platform.releases.list(asked)),
    or('journal', undefined, async () => readAppRecord(await journal(), context.app)),
    or('notes', [], () => diagnosis.notes(asked, undefined)),
  ]);
  return { revisions, outcome: record?.current.outcome ?? record?.past.at(0)?.outcome, notes };
}
