import { type PortContext, type Releases, ShepherdError, type Track, type WriteContext } from '@shepherd/core';
import { Ahead, type Begun } from './ahead.js';
import type { HelmClient } from './binary/helm-client.js';
import type { HelmWrites } from './binary/helm-writes.js';
import type { Fenced } from './fenced.js';
import type { PlatformBelow } from './helm.js';
import type { ChartRelease } from './options.js';
import { type Catalogue, type History, type Manifests, templateOf } from './revisions/catalogue.js';
import { broughtBack, isPending } from './revisions/history.js';
import { forget } from './revisions/release-records.js';
import { mustBeGone } from './revisions/unfinished.js';
import { inspectAnew } from './stable.js';

type To = Parameters<Releases<Manifests>['apply']>[2];

export interface Parts {
  readonly below: PlatformBelow;
  readonly helm: HelmClient;
  readonly writes: HelmWrites;
  readonly fenced: Fenced;
  readonly catalogue: Catalogue;
}

/** What is there just before helm reads it as well. */
interface BeforeWrite extends History {
  readonly stable: Track | undefined;
}

/** A chart is written over what serves, by `helm upgrade --install`. */
export class Upgrades {
  readonly #parts: Parts;
  readonly #ahead = new Ahead<BeforeWrite>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  close(): void {
    this.#ahead.close();
  }

  /** Helm starts, reads and renders while the rollout stores its intent; what it writes waits for `apply`. */
  begin(context: WriteContext, release: ChartRelease): void {
    const name = nameOf(context, release);
    this.#ahead.begin(context, keyOf(context, release), {
      look: () => this.#look(context, name),
      run: (held, until) => this.#parts.writes.upgrade(held, release, name, until),
    });
  }

  /** @throws ShepherdError ERR_CONFLICT where somebody else wrote meanwhile; why helm refused it */
  async apply(context: WriteContext, release: ChartRelease, over: To['over']): Promise<void> {
    const begun = this.#ahead.take(keyOf(context, release));
    try {
      await this.#write(context, release, begun, over);
    } finally {
      begun?.drop();
    }
  }

  async #write(context: WriteContext, release: ChartRelease, begun: Begun<BeforeWrite> | undefined, over: To['over']): Promise<void> {
    const { fenced, helm, writes } = this.#parts;
    const name = nameOf(context, release);
    await fenced.ensure(context);
    const { list: history, records, stable } = await (begun?.seen ?? this.#look(context, name));
    const last = history.at(-1);
    const record = last === undefined ? undefined : records.get(last.revision);
    // Written by this rollout before it lost its process: done is done.
    if (last?.status === 'deployed' && record?.owner?.rolloutId === context.rolloutId && broughtBack(last) === undefined) return;
    refuseForeign(context, stable, over);
    const unfinished = last !== undefined && isPending(last);
    if (unfinished) {
      mustBeGone(context, name, last, record);
      // Not rolled back: its pods would go and come again.
      if (record !== undefined) await forget(helm, context, record);
    }
    // One that began over an unfinished release has refused itself.
    const ran = (unfinished ? undefined : await begun?.go()) ?? (await writes.upgrade(context, release, name));
    await writes.mustHaveRun(context, { command: ['upgrade'], release: name, chart: release.chart }, ran);
  }

  async #look(context: WriteContext, name: string): Promise<BeforeWrite> {
    const { catalogue, below } = this.#parts;
    const [history, { stable }] = await Promise.all([catalogue.history(context, name), inspectAnew(below.tracks, context)]);
    return { ...history, stable };
  }
}

const nameOf = ({ app }: PortContext, { name = app.name }: ChartRelease): string => name;
const keyOf = ({ app, rolloutId, fence }: WriteContext, release: ChartRelease): string => JSON.stringify([app, rolloutId, fence, release]);

/** @throws ShepherdError ERR_CONFLICT where stable runs neither what the rollout found nor its own */
function refuseForeign({ app: { name } }: PortContext, stable: Track | undefined, over: readonly string[] | undefined): void {
  if (over === undefined || stable === undefined || over.some((each) => templateOf(each) === stable.revision.hash)) return;
  const { hash } = stable.revision;
  throw new ShepherdError('ERR_CONFLICT', `${name} runs revision ${hash}, which somebody else wrote meanwhile`, {
    facts: { object: name, reason: `revision ${hash} is not of this rollout` },
    remedy: 'see who wrote it',
  });
}
