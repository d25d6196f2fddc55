import type { Acknowledgement } from './acknowledgements.js';
import { type Item, items, type Phase } from './items.js';

/** What was found of one item: for it, against it, or nothing that settles it. */
export interface Found {
  readonly state: 'done' | 'failed' | 'open';
  readonly says: string;
}

/** What was found, by id. */
export type Evidence = Readonly<Record<string, Found>>;

/** An item and where it stands. `acknowledged`: a person ticked it. `skipped`: the config says that it does not apply. `blocks`: it is required and not done. */
export interface Entry extends Item {
  readonly state: Found['state'] | 'acknowledged' | 'skipped';
  readonly says: string;
  readonly acknowledged?: Acknowledgement | undefined;
  readonly blocks: boolean;
}

export interface Checklist {
  readonly phase: Phase;
  readonly app: string;
  /** Images that it is about; acknowledgements hold for these. */
  readonly release: readonly string[];
  readonly items: readonly Entry[];
  readonly counts: Readonly<Record<Entry['state'], number>>;
  readonly blocked: readonly string[];
}

export interface Subject {
  readonly phase: Phase;
  readonly app: string;
  readonly release: readonly string[];
  /** Ids that must be done. */
  readonly required: readonly string[];
  /** Ids that do not apply. */
  readonly skip: readonly string[];
}

/** A list filled in. Evidence against an item stands whatever a person says. Pure. */
export function checklistOf({ phase, app, release, required, skip }: Subject, evidence: Evidence, acknowledged: readonly Acknowledgement[]): Checklist {
  const entries = items
    .filter((item) => item.phase === phase)
    .map((item): Entry => {
      const found = evidence[item.id] ?? { state: 'open', says: item.by === 'person' ? 'a person knows' : 'nothing was found' };
      const ack = item.by === 'evidence' ? undefined : acknowledged.findLast(({ id }) => id === item.id);
      if (skip.includes(item.id)) return { ...item, state: 'skipped', says: 'it does not apply, says the config', blocks: false };
      const state = found.state === 'open' && ack !== undefined ? 'acknowledged' : found.state;
      const blocks = required.includes(item.id) && (state === 'open' || state === 'failed');
      const says = state === 'acknowledged' && ack !== undefined ? `${ack.by}, ${ack.at.slice(0, 10)}: ${ack.reason}` : found.says;
      return { ...item, state, says, blocks, ...(state === 'acknowledged' ? { acknowledged: ack } : {}) };
    });
  const count = (state: Entry['state']): number => entries.filter((each) => each.state === state).length;
  return {
    phase,
    app,
    release,
    items: entries,
    counts: { done: count('done'), acknowledged: count('acknowledged'), open: count('open'), failed: count('failed'), skipped: count('skipped') },
    blocked: entries.filter(({ blocks }) => blocks).map(({ id }) => id),
  };
}

const marks = { done: 'x', acknowledged: 'x', open: ' ', failed: ' ', skipped: '-' } as const;
const words = { done: '', acknowledged: 'acknowledged by ', open: 'open: ', failed: '**FAILED**: ', skipped: '' } as const;

/** As Markdown that a terminal shows as well. What is not ours is made harmless. Pure. */
export function checklistText({ phase, app, release, items: entries, counts, blocked }: Checklist): string {
  const sections = [...new Set(entries.map(({ section }) => section))];
  const lines = sections.flatMap((section) => [
    '',
    `## ${section}`,
    '',
    ...entries
      .filter((each) => each.section === section)
      .map(({ id, text, state, says, blocks }) => `- [${marks[state]}] ${id} ${text}${blocks ? ' (required)' : ''}. ${words[state]}${plain(says)}`),
  ]);
  const sum = `${counts.done} by evidence, ${counts.acknowledged} by a person, ${counts.open} open, ${counts.failed} failed`;
  return [
    `# Checklist ${phase} ${plain(app)}${release.length === 0 ? '' : `: ${plain(release.join(', '))}`}`,
    ...lines,
    '',
    blocked.length === 0 ? sum : `${sum}; required and not done: ${blocked.join(', ')}`,
  ].join('\n');
}

/** One line, nothing that Markdown, HTML or a terminal would obey. */
const plain = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(/[\\`*[\]<>|]/g, '\\$&')
    .trim();
