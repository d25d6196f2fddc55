import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flat, guideLines } from './lab/guide-lab.js';

const source = ['deploy', 'rollback', 'blue-green', 'canary'].map((name) => readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8')).join('\n');

test.each(guideLines.map((line) => [flat(line)]))('played: %s', (line) => {
  expect(source).toContain(`'${line}'`);
});

/** Where the guide itself is at hand: `SHEPHERD_GUIDE` names its file. */
test.skipIf(process.env['SHEPHERD_GUIDE'] === undefined)('these are the lines of the guide', () => {
  const text = readFileSync(process.env['SHEPHERD_GUIDE'] ?? '', 'utf8');
  const found = [...text.matchAll(/^([ \t]*)(\.\/scripts\/\S+\.sh(?:.*\\\n)*.*)$/gm)].map(([, indent = '', line = '']) => line.replaceAll(`\n${indent}`, '\n'));
  expect([...new Set(found)]).toEqual(guideLines);
});

test('its scripts are short', () => {
  for (const name of ['deploy', 'deploy-blue-green', 'canary-deploy', 'rollback']) {
    const script = readFileSync(new URL(`../../examples/guide/scripts/${name}.sh`, import.meta.url), 'utf8');
    expect(script.trimEnd().split('\n').length, name).toBeLessThanOrEqual(10);
  }
});
