import { type EvidenceOf, type EvidenceSource, evidenceShapes, type PlatformEvidence } from '../ports/evidence.js';
import type { App } from '../words/app.js';

const holds: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  flag: (value) => typeof value === 'boolean',
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  table: (value) => isRecord(value) && Object.values(value).every((each) => typeof each === 'string'),
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether this is evidence as core knows it; a platform that is newer, or wrong, may tell other things. */
export function isKnown(item: unknown): item is PlatformEvidence {
  if (!isRecord(item) || typeof item['object'] !== 'string' || typeof item['check'] !== 'string' || !isRecord(item['data'])) return false;
  const source = item['source'];
  const shape = typeof source === 'string' && Object.hasOwn(evidenceShapes, source) ? evidenceShapes[source as EvidenceSource] : undefined;
  const { data } = item;
  if (shape === undefined) return false;
  return Object.entries(shape).every(([field, kind]) => {
    const value = data[field];
    return kind.endsWith('?') ? value === undefined || holds[kind.slice(0, -1)]?.(value) : holds[kind]?.(value);
  });
}

/** Keys in order, so that the same evidence reads the same. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (isRecord(each) ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1))) : each));

export type Container = EvidenceOf<'container'>;
export type Pod = EvidenceOf<'pod'>;
export type Note = EvidenceOf<'note'>;

/** All that was read, in an order of its own: in which it came says nothing. */
export class Seen {
  readonly app: App;
  readonly #bySource: ReadonlyMap<EvidenceSource, readonly PlatformEvidence[]>;

  constructor(app: App, evidence: readonly unknown[]) {
    this.app = app;
    const keyed = new Map(evidence.filter(isKnown).map((item) => [canonical(item), item]));
    const sorted = [...keyed].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
    this.#bySource = grouped(sorted);
  }

  all<S extends EvidenceSource>(source: S): readonly EvidenceOf<S>[] {
    return (this.#bySource.get(source) ?? []) as readonly unknown[] as readonly EvidenceOf<S>[];
  }

  /** Pods that are not on their way out; those of the newest template first. */
  get pods(): readonly Pod[] {
    return this.all('pod')
      .filter(({ data }) => !data.leaving)
      .toSorted((a, b) => Number(b.data.current) - Number(a.data.current));
  }

  get unwell(): readonly Pod[] {
    return this.pods.filter(({ data }) => !data.ready);
  }

  podOf({ data: { pod } }: { readonly data: { readonly pod: string } }): Pod | undefined {
    return this.pods.find(({ object }) => object === `Pod ${pod}`);
  }

  /** Containers of pods that stay, those of the newest template first. */
  get containers(): readonly Container[] {
    return this.all('container')
      .filter((each) => this.podOf(each) !== undefined)
      .toSorted((a, b) => Number(b.data.current) - Number(a.data.current));
  }

  notesOf(object: string, pattern: RegExp): readonly Note[] {
    return this.all('note')
      .filter(({ data }) => data.about === object && pattern.test(`${data.reason}: ${data.message}`))
      .toSorted((a, b) => b.data.age - a.data.age);
  }

  get name(): string {
    return `${this.app.namespace}/${this.app.name}`;
  }
}

function grouped(sorted: readonly PlatformEvidence[]): Map<EvidenceSource, PlatformEvidence[]> {
  const groups = new Map<EvidenceSource, PlatformEvidence[]>();
  for (const item of sorted) groups.set(item.source, [...(groups.get(item.source) ?? []), item]);
  return groups;
}
