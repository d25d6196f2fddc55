import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from './rules.js';

const root = new URL('../../../../', import.meta.url);
const page = readFileSync(new URL('docs/reference/preflight.md', root), 'utf8');
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`([^`]+)`/.exec(section)?.[1] ?? '', section] as const),
);

/** Ids that the code of the packages can give a finding. */
function idsInCode(): readonly string[] {
  const files = ['core/src', 'kube/src', 'helm/src'].flatMap((folder) =>
    readdirSync(new URL(`packages/${folder}`, root), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
      /(preflight|lint|make-plan|autoscaler|room|zero-downtime)[^.]*\.ts$|(preflight|lint|zero-downtime)\/.*(?<!\.test)\.ts$/.test(file) &&
      !file.includes('.test.')
        ? [`packages/${folder}/${file}`]
        : [],
    ),
  );
  const found = files.flatMap((file) => [
    ...readFileSync(new URL(file, root), 'utf8').matchAll(/(?:\bid: |\b(?:error|warning|note)\(\s*|^ {2}ERR_\w+: )'([a-z][a-z/-]+)'/gm),
  ]);
  const table = readFileSync(new URL('packages/kube/src/zero-downtime/rules.ts', root), 'utf8').split('zeroDowntimeRules')[1] ?? '';
  const zeroDowntime = [...table.matchAll(/^ {2}'?([a-z-]+)'?[:,]/gm)].map(([, id = '']) => `zd/${id}`);
  return [...new Set([...found.map(([, id = '']) => id), ...zeroDowntime])].toSorted();
}

test('every id that the code can say has a rule', () => {
  expect(idsInCode().length).toBeGreaterThan(40);
  expect(idsInCode().filter((id) => rules[id] === undefined)).toEqual([]);
});

test('every rule has a section in the reference that says what it covers, and no section is about another', () => {
  expect([...sections.keys()].toSorted()).toEqual(Object.keys(rules).toSorted());
  for (const [id, { title }] of Object.entries(rules)) {
    expect(sections.get(id)).toContain(title);
    expect(sections.get(id)).toMatch(/\nCovers: \S/);
  }
});
