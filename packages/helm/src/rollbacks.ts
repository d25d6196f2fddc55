import { type Releases, type Revision, ShepherdError, type WriteContext } from '@shepherd/core';
import { Ahead, type Begun } from './ahead.js';
import { type Entry, entryNamed, type History, type Manifests, revisionsFrom } from './revisions/catalogue.js';
import { broughtBack, type HelmRevision, isPending } from './revisions/history.js';
import type { ReleaseFinder } from './revisions/release-finder.js';
import { forget } from './revisions/release-records.js';
import { mustBeGone } from './revisions/unfinished.js';
import { inspectAnew, stableOf } from './stable.js';
import type { Parts } from './upgrades.js';

type Why = NonNullable<Parameters<Releases<Manifests>['restore']>[2]>;

/** What is there just before helm reads it as well. */
interface BeforeRestore extends Pick<History, 'records'> {
  /** Undefined: no chart made the app. */
  readonly name: string | undefined;
  readonly entries: readonly Entry[];
  readonly target: Entry | undefined;
  readonly last: HelmRevision | undefined;
  /** It is in force and runs. */
  readonly isThere: boolean;
}

/** An older revision comes back: by helm where helm made it (RR G6), by the platform below where that did. */
export class Rollbacks {
  readonly #parts: Parts;
  readonly #finder: ReleaseFinder;
  readonly #ahead = new Ahead<BeforeRestore>();

  constructor(parts: Parts, finder: ReleaseFinder) {
    this.#parts = parts;
    this.#finder = finder;
  }

  close(): void {
    this.#ahead.close();
  }

  /** Helm starts and reads while the rollout stores its intent; what it writes waits for `restore`. */
  begin(context: WriteContext, hash: string): void {
    const looked = this.#look(context, hash);
    this.#ahead.begin(context, keyOf(context, hash), {
      look: () => looked,
      run: async (held, until) => {
        const { name, target, last, isThere } = await looked;
        if (name === undefined || target === undefined || last === undefined || isPending(last) || isThere)
          throw new Error('helm has nothing to do here, or not yet');
        return this.#parts.writes.rollback(held, name, target.helm, until);
      },
    });
  }

  /** @throws ShepherdError ERR_REVISION_NOT_FOUND; why helm refused it */
  async restore(context: WriteContext, hash: string, why: Why): Promise<Revision> {
    const begun = this.#ahead.take(keyOf(context, hash));
    try {
      return await this.#write(context, hash, begun, why);
    } finally {
      begun?.drop();
    }
  }

  async #write(context: WriteContext, hash: string, begun: Begun<BeforeRestore> | undefined, why: Why): Promise<Revision> {
    const { below, helm, writes, fenced } = this.#parts;
    const { name, records, entries, target, last, isThere } = await (begun?.seen ?? this.#look(context, hash));
    if (name === undefined) return below.releases.restore(context, hash, why);
    await fenced.ensure(context);
    if (target === undefined || last === undefined) return this.#restoreBelow(context, hash, entries, why);
    const unfinished = isPending(last) ? records.get(last.revision) : undefined;
    if (isPending(last)) mustBeGone(context, name, last, unfinished);
    if (!isThere) {
      const ran = (await begun?.go()) ?? (await writes.rollback(context, name, target.helm));
      await writes.mustHaveRun(context, { command: ['rollback'], release: name }, ran);
    }
    // What it made has gone with the rollback; helm itself would keep it as unfinished for ever.
    if (unfinished !== undefined) await forget(helm, context, unfinished);
    return stableOf(below.tracks, context);
  }

  async #look(context: WriteContext, hash: string): Promise<BeforeRestore> {
    const { below, catalogue, fenced } = this.#parts;
    const name = await this.#finder.nameOf(context);
    if (name === undefined) return { name, records: new Map(), entries: [], target: undefined, last: undefined, isThere: false };
    await fenced.ensure(context);
    const [{ history, entries }, { stable }] = await Promise.all([
      catalogue.history(context, name).then(async (known) => ({ history: known, entries: await catalogue.entries(context, name, known) })),
      inspectAnew(below.tracks, context),
    ]);
    const target = entryNamed(entries, hash, context.rolloutId);
    const last = history.list.at(-1);
    // In force, and yet not what runs: somebody released an image past helm.
    const isThere = last !== undefined && target !== undefined && isInForce(last, target.helm) && stable?.revision.hash === target.template;
    return { name, records: history.records, entries, target, last, isThere };
  }

  async #restoreBelow(context: WriteContext, hash: string, entries: readonly Entry[], why: Why): Promise<Revision> {
    const { below } = this.#parts;
    const kept = await below.releases.list(context);
    if (kept.some((each) => each.hash === hash)) return below.releases.restore(context, hash, why);
    const known = revisionsFrom(entries, kept).map(({ revision }) => revision.hash);
    const { name } = context.app;
    throw new ShepherdError('ERR_REVISION_NOT_FOUND', `${name} has no revision ${hash} any more; helm knows: ${known.join(', ') || 'none'}`, {
      facts: { app: name, hash, known },
      remedy: 'deploy the chart that you want; helm keeps as many revisions as --history-max says',
    });
  }
}

const keyOf = ({ app, rolloutId, fence }: WriteContext, hash: string): string => JSON.stringify([app, rolloutId, fence, hash]);
const isInForce = (last: HelmRevision, target: HelmRevision): boolean =>
  last.status === 'deployed' && (last.revision === target.revision || broughtBack(last) === target.revision);
