import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Pages whose blocks are played: everything below docs. Paths from the repository's root. */
export const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && !path.startsWith('api'))
  .map((path) => relative(root, join(root, 'docs', path)))
  .toSorted();

/** With those that npm shows. */
export const everyPage = ['README.md', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`), ...pages];

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What a comment on the line before says of it: `<!-- run: SCENE -->` is `run: SCENE`. */
  readonly note: string | undefined;
}

export function blocksOf(page: string, text = readPage(page)): readonly Block[] {
  return [...text.matchAll(/(?:<!-- (.+?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: note, 2: language = '', 3: body = '', index }) => ({
    page,
    line: text.slice(0, index).split('\n').length + (note === undefined ? 0 : 1),
    language,
    text: body,
    note,
  }));
}

/** What a terminal that is played belongs to; `and then` goes on where the block before it ended. */
export const sceneOf = ({ note, language }: Block): string | undefined => (language === 'console' ? /^run: (.+)$/.exec(note ?? '')?.[1] : undefined);
