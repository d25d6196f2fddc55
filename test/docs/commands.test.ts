// The terminals of the pages: every command that a block marked `<!-- run: SCENE -->` shows is typed, and what it shows of the output is what comes.
import { beforeAll, describe, expect, test } from 'vitest';
import { actsOf, isShown, pauseOf } from './lab/console.js';
import { type Block, blocksOf, pages, sceneOf } from './lab/pages.js';
import { type Scene, scenes } from './lab/scenes.js';
import { loadEverything, openStage, type Stage } from './lab/stage.js';

/** Blocks that share a stage: one that names a scene, and those after it that say `and then`. */
const plays = pages.flatMap((page) => {
  const played = blocksOf(page).filter((block) => sceneOf(block) !== undefined);
  const starts = played.flatMap((block, i) => (sceneOf(block) === 'and then' ? [] : [i]));
  return starts.map((start, i) => ({ title: `${page}:${played[start]?.line} ${sceneOf(played[start] as Block)}`, blocks: played.slice(start, starts[i + 1]) }));
});

async function play(stage: Stage, { events = {} }: Scene, { text }: Block): Promise<void> {
  const acts = actsOf(text);
  for (const [i, { line, shown }] of acts.entries()) {
    const pause = pauseOf(line);
    if (pause !== undefined) {
      await stage.pass(pause);
      continue;
    }
    if (line.startsWith('# ')) {
      await (events[line.slice(2)] ?? expect.fail(`nothing happens in lab/scenes.ts at ${line}`))(stage);
      continue;
    }
    const { code, out } = await stage.type(line);
    if (!isShown(shown, out)) expect.fail(`${line}\nthe page shows:\n${shown.join('\n')}\nit says:\n${out}`);
    // Who reads a page has to see that a command failed.
    if (code !== 0 && acts[i + 1]?.line !== 'echo $?') expect.fail(`${line} ended with ${code}, and the page does not say so:\n${out}`);
  }
}

beforeAll(loadEverything);

describe('terminals', () => {
  test.each(plays)('$title', async ({ blocks }) => {
    const scene = scenes[sceneOf(blocks[0] as Block) ?? ''];
    if (scene === undefined) expect.fail('no such scene in lab/scenes.ts');
    await using stage = await openStage();
    await scene.make(stage);
    for (const block of blocks) await play(stage, scene, block);
  });
});

test('what is shown is held against what comes', () => {
  expect(isShown(['a', '…', 'd'], 'a\nb\nc\nd\n')).toBe(true);
  expect(isShown(['pod web-… is well'], 'pod web-5d9c-x2 is well\n')).toBe(true);
  expect(isShown(['a', '…', 'd'], 'a\nb\nc\n')).toBe(false);
  expect(isShown(['pod web-…'], 'a pod web-1\n')).toBe(false);
  expect(isShown(['a'], 'a\nb\n')).toBe(false);
  expect(isShown([], 'a\n')).toBe(false);
});
