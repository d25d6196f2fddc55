import type { Issue } from '@shepherd/core';
import { expect, test } from 'vitest';
import { commandLine } from './command-line.js';
import { readInputs } from './inputs.js';
import { splitWords } from './split-words.js';

function lineOf(inputs: Readonly<Record<string, string>>): { readonly line: string; readonly wrong: readonly string[] } {
  const issues: Issue[] = [];
  const env = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  const line = commandLine(readInputs(env, issues), issues);
  return { line: line.join(' '), wrong: issues.map(({ path, got }) => `${path}: ${got}`) };
}

// The guide's three ways to start ci-cd.yml by hand, and its rollback, as the workflows of examples/guide hand them over.
test.each<[string, Readonly<Record<string, string>>, string]>([
  [
    'rolling, the image of the commit',
    { namespace: 'production', strategy: 'rolling', 'image-tag': 'sha-1f3870be', 'auto-promote': 'false' },
    'deploy --namespace=production --strategy=rolling --set=image.tag=sha-1f3870be --yes --approval=1h --output=github',
  ],
  [
    'blue/green, v2.0.0',
    { namespace: 'production', strategy: 'blue-green', 'image-tag': 'v2.0.0' },
    'deploy --namespace=production --strategy=blue-green --set=image.tag=v2.0.0 --yes --approval=1h --output=github',
  ],
  [
    'canary, v2.1.0, by itself',
    { namespace: 'production', strategy: 'canary', 'image-tag': 'v2.1.0', 'auto-promote': 'true' },
    'deploy --namespace=production --strategy=canary --set=image.tag=v2.1.0 --auto --output=github',
  ],
  [
    'rollback',
    { command: 'rollback', namespace: 'production', reason: 'Performance degradation detected' },
    'rollback --namespace=production --force --reason=Performance degradation detected --output=github',
  ],
  ['rollback to a number', { command: 'rollback', app: 'web', revision: '5' }, 'rollback --app=web --force --revision=5 --output=github'],
  ['rollback to a hash', { command: 'rollback', revision: '6c5b4d' }, 'rollback --force --to=6c5b4d --output=github'],
  ['an image and its tag', { image: 'registry:5000/web', 'image-tag': '1.3.0' }, 'deploy --image=registry:5000/web:1.3.0 --yes --approval=1h --output=github'],
  ['a tag of digits stays text', { 'image-tag': '20250101' }, 'deploy --set=image.tag=\\20250101 --yes --approval=1h --output=github'],
  [
    'values',
    { command: 'plan', values: 'a.yaml, b.yaml\nc.yaml', 'auto-promote': 'True' },
    'plan --values=a.yaml --values=b.yaml --values=c.yaml --output=github',
  ],
  ['a value that looks like a flag', { app: 'web', reason: '--force' }, 'deploy --app=web --yes --approval=1h --reason=--force --output=github'],
  ['more flags', { command: 'verify', args: '--guide --url "https://shop.example/a b"' }, 'verify --output=github --guide --url https://shop.example/a b'],
  ['nothing that is not said', { command: 'verify', app: '', reason: ' ', values: '' }, 'verify --output=github'],
])('%s', (_, inputs, line) => {
  expect(lineOf(inputs)).toEqual({ line, wrong: [] });
});

test.each<[Readonly<Record<string, string>>, string]>([
  [{ command: 'destroy' }, 'command: "destroy"'],
  [{ 'dry-run': 'yes' }, 'dry-run: "yes"'],
  [{ 'image-tag': 'v1,replicas=0' }, 'image-tag: "v1,replicas=0"'],
  [{ image: 'web:1.0.0', 'image-tag': '1.1.0' }, 'image: "web:1.0.0"'],
  [{ command: 'rollback', strategy: 'canary' }, 'strategy: it with command: rollback'],
  [{ command: 'verify', 'dry-run': 'true' }, 'dry-run: it with command: verify'],
  [{ revision: '5' }, 'revision: it with command: deploy'],
  [{ args: '--reason "open' }, 'args: "--reason \\"open"'],
  [{ args: '--json' }, 'args: --json'],
  [{ args: '-o ndjson' }, 'args: -o'],
])('%j is refused', (inputs, wrong) => {
  expect(lineOf(inputs).wrong).toContain(wrong);
});

test.each<[string, readonly string[] | undefined]>([
  ['', []],
  [' a  b\nc ', ['a', 'b', 'c']],
  [`--set 'a b' "c \\" d" e\\ f ''`, ['--set', 'a b', 'c " d', 'e f', '']],
  [`$HOME \`id\` $(id) ; rm`, ['$HOME', '`id`', '$(id)', ';', 'rm']],
  [`'open`, undefined],
])('words of %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});
