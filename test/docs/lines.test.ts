// Every line of the pages that calls `shepherd`, also those that no terminal plays: the command is there, and so are its flags.
import { expect, test } from 'vitest';
import { everyCommand, makeProgram } from '../../packages/cli/src/program.js';
import { blocksOf, everyPage, readPage } from './lab/pages.js';
import { wordsOf } from './lab/words.js';

/** Without the comment, the pipe and the redirection behind it. */
const typed = /^\s*(?:\$ |- run: )?shepherd (?!sandbox\.)(.+?)(?:\s+#.*|\s+[|>&].*)?$/;
/** Between words of prose; `…` stands for what each reader knows better. */
const spoken = /`shepherd ([a-z][^`]*)`/g;

const lines = everyPage.flatMap((page) => {
  const text = readPage(page);
  const inBlocks = blocksOf(page, text).flatMap((block) => block.text.split('\n').flatMap((each, i) => [[block.line + 1 + i, typed.exec(each)?.[1]] as const]));
  const inProse = text.split('\n').flatMap((each, i) => [...each.matchAll(spoken)].map(([, command]) => [i + 1, command?.replaceAll('\\|', '|')] as const));
  const found = [...inBlocks, ...inProse.map(([line, command]) => [line, command?.replace(/ \|.*/, '')] as const)];
  return found.flatMap(([line, command]) => (command === undefined ? [] : [[`${page}:${line}`, command.replaceAll(/[[\]]/g, '')] as const]));
});

test('there are some', () => expect(lines.length).toBeGreaterThan(50));

test.each(lines)('%s: shepherd %s', async (_, line) => {
  let called = false;
  const program = makeProgram('0.0.0', async () => {
    called = true;
  });
  for (const command of everyCommand(program)) command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  await program.parseAsync(wordsOf(line), { from: 'user' });
  expect(called).toBe(true);
});
