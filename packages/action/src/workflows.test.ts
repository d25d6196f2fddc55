import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { validate } from '@actions/languageservice';
import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const inFolder = (folder: string): readonly string[] => readdirSync(`${root}${folder}`).map((name) => `${root}${folder}/${name}`);
const ours = inFolder('.github/workflows');
const guide = inFolder('examples/guide/.github/workflows');
const all = [...ours, ...guide, `${root}action.yml`];
const nameOf = (file: string): string => relative(root, file);

const readYaml = async (file: string) => parse(await readFile(file, 'utf8'));
const guideFile = (name: string) => readYaml(`${root}examples/guide/.github/workflows/${name}`);

/** What we use of actions of others, as their own `action.yml` has it. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': ['persist-credentials'],
  'actions/setup-node': ['node-version', 'registry-url'],
  'actions/upload-artifact': ['name', 'path'],
  'changesets/action': ['version'],
};
let asked = 0;

/** What GitHub's own language service has against a workflow, or an action. */
async function problems(text: string, file: string): Promise<readonly string[]> {
  const action = await readYaml(`${root}action.yml`);
  // It remembers a text by its name.
  asked += 1;
  const document = TextDocument.create(`file:///${asked}/${nameOf(file)}`, 'yaml', 1, text);
  const found = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name }) => {
        if (owner === 'shepherd-sdk' && name === 'shepherd') return action;
        const inputs = foreign[`${owner}/${name}`];
        return inputs && { name, description: '', inputs: Object.fromEntries(inputs.map((input) => [input, { description: '' }])) };
      },
    },
  });
  return found.map(({ message, range }) => `${range.start.line + 1}: ${message}`);
}

test.each(all.map((file) => [nameOf(file), file]))('%s is what GitHub takes', async (_, file) => {
  expect(await problems(await readFile(file, 'utf8'), file)).toEqual([]);
});

test.each<[string, string, string, RegExp]>([
  ['a job that is not there', 'needs: [build, push-ghcr]', 'needs: [build, push]', /push/],
  ['a key that means nothing', 'runs-on: ubuntu-latest', 'run-on: ubuntu-latest', /run-on/],
  ['an input that is not there', 'inputs.image_tag', 'inputs.image_tags', /image_tags/],
  ['an input that the action has not', 'image-tag:', 'imagetag:', /imagetag/i],
  ['an expression that does not end', "github.event_name == 'push'", "github.event_name == 'push", /./],
])('and it would say so: %s', async (_, good, bad, message) => {
  const file = `${root}examples/guide/.github/workflows/ci-cd.yml`;
  const text = await readFile(file, 'utf8');
  expect(text).toContain(good);
  expect((await problems(text.replace(good, bad), file)).join('\n')).toMatch(message);
});

const actionlint = await promisify(execFile)('actionlint', ['--version']).then(
  () => true,
  () => false,
);
test.runIf(actionlint)('actionlint has nothing against them either', async () => {
  await promisify(execFile)('actionlint', [...ours, ...guide]);
});

test('foreign actions are pinned by commit, and nothing is granted that a job does not name', async () => {
  for (const file of [...ours, ...guide]) {
    const { permissions, jobs } = await readYaml(file);
    expect([nameOf(file), permissions]).toEqual([nameOf(file), {}]);
    for (const { permissions: own, steps } of Object.values<any>(jobs)) {
      expect(own).toBeDefined();
      for (const { uses } of steps) expect(uses ?? './').toMatch(/^(\.\/|shepherd-sdk\/shepherd@v\d+$|[\w-]+\/[\w-]+@[0-9a-f]{40}$)/);
    }
  }
});

test('nothing that somebody typed is pasted into a script', async () => {
  for (const file of [...ours, ...guide])
    for (const { steps } of Object.values<any>((await readYaml(file)).jobs)) for (const { run = '' } of steps) expect(run).not.toContain('${{');
});

describe("the guide's workflows", () => {
  test('ci-cd.yml, as the guide says it', async () => {
    const { name, on, jobs } = await guideFile('ci-cd.yml');
    expect(name).toBe('CI/CD Pipeline');
    expect(jobs['deploy-staging']).toMatchObject({
      name: 'Deploy to Staging',
      'runs-on': 'ubuntu-latest',
      needs: ['build', 'push-ghcr'],
      if: "github.event_name == 'push' && github.ref == 'refs/heads/main'",
      environment: 'staging',
    });
    expect(on.workflow_dispatch.inputs).toMatchObject({
      deployment_strategy: { type: 'choice', options: ['rolling', 'blue-green', 'canary'], default: 'rolling' },
      image_tag: { type: 'string', default: '' },
      auto_promote: { type: 'boolean', default: false },
    });
    expect(jobs['deploy-production'].environment).toBe('production');
  });

  test('one group for all that changes an environment, and nothing is cut short', async () => {
    const [cicd, rollback] = await Promise.all([guideFile('ci-cd.yml'), guideFile('rollback.yml')]);
    const group = (name: string) => ({ group: name, 'cancel-in-progress': false });
    expect(cicd.jobs['deploy-staging'].concurrency).toEqual(group('deploy-staging'));
    expect(cicd.jobs['deploy-production'].concurrency).toEqual(group('deploy-production'));
    expect(rollback.jobs.rollback.concurrency).toEqual(group('deploy-${{ inputs.environment }}'));
    expect(rollback.on.workflow_dispatch.inputs).toMatchObject({
      environment: { type: 'choice', required: true },
      reason: { required: true },
      revision: { default: '' },
    });
  });

  test.each<[string, string, string, boolean, boolean]>([
    ['a merge', 'push', 'refs/heads/main', true, false],
    ['a push elsewhere', 'push', 'refs/heads/topic', false, false],
    ['a pull request', 'pull_request', 'refs/pull/1/merge', false, false],
    ['by hand', 'workflow_dispatch', 'refs/heads/main', false, true],
    ['by hand, from a branch', 'workflow_dispatch', 'refs/heads/topic', false, false],
  ])('%s goes where it should', async (_, event_name, ref, staging, production) => {
    const { jobs } = await guideFile('ci-cd.yml');
    expect([isTrue(jobs['deploy-staging'].if, { event_name, ref }), isTrue(jobs['deploy-production'].if, { event_name, ref })]).toEqual([staging, production]);
  });
});

/** A condition of a workflow, as GitHub evaluates it. */
function isTrue(condition: string, github: Readonly<Record<string, string>>): boolean {
  const { tokens } = new Lexer(condition).lex();
  const pairs = Object.entries(github).map(([key, value]) => ({ key, value: new data.StringData(value) }));
  const context = new data.Dictionary({ key: 'github', value: new data.Dictionary(...pairs) });
  return new Evaluator(new Parser(tokens, ['github'], []).parse(), context).evaluate().coerceString() === 'true';
}
