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
  const inBlocks = blocksOf(page, text).flatMap((block) =>
    block.text.split('\n').map((each, i) => ({ at: block.line + 1 + i, command: typed.exec(each)?.[1] })),
  );
  const inProse = text
    .split('\n')
    .flatMap((each, i) => [...each.matchAll(spoken)].map(([, command]) => ({ at: i + 1, command: command?.replace(/ \\?\|.*/, ''), isProse: true })));
  return [...inBlocks, ...inProse].flatMap(({ at, command, ...rest }) =>
    command === undefined ? [] : [{ where: `${page}:${at}`, isProse: false, command: command.replaceAll(/[[\]]/g, ''), ...rest }],
  );
});

test('there are some', () => expect(lines.length).toBeGreaterThan(50));

test.each(lines)('$where: shepherd $command', async ({ command: line, isProse }) => {
  let called = false;
  const program = makeProgram('0.0.0', async () => {
    called = true;
  });
  for (const command of everyCommand(program)) command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  await program.parseAsync(wordsOf(line), { from: 'user' }).catch((error: { code?: string }) => {
    // A sentence may name a command alone, without what it is called with.
    if (!(isProse && error.code === 'commander.missingArgument')) throw error;
    called = true;
  });
  expect(called).toBe(true);
});
