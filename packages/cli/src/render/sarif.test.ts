// Against the schema of the standard itself (OASIS, 2.1.0 with its errata).
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import type { Finding } from '@shepherd/core';
import draft4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { rules } from '../preflight/rules.js';
import { sarifOf } from './sarif.js';

// One pattern of the schema is none where patterns are of Unicode.
const ajv = new draft4.default({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats.default(ajv as never);
const validate = ajv.compile(schema);
const errorsOf = (log: unknown): readonly string[] => {
  validate(log);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

const findings: readonly Finding[] = [
  ...Object.keys(rules).map((id): Finding => ({ id, level: 'error', message: 'it is so', fix: 'do this' })),
  { id: 'zd/image-tag', level: 'warning', object: 'Deployment "wéb" <&>\n', path: 'spec.template.spec.containers[web].image', message: 'a\u0007b', fix: 'ü' },
  { id: 'prometheus-unreachable', level: 'warning', object: 'C:\\temp\\x %20 #?', message: '', fix: '' },
  { id: 'note', level: 'note', message: 'left out', fix: 'nothing' },
];

describe('a log of findings is SARIF 2.1.0', () => {
  test.each([
    ['of every rule', findings, undefined],
    ['at a file', findings, 'charts/my web/Chart.yaml'],
    ['of nothing', [], undefined],
    ['of notes alone', findings.slice(-1), undefined],
  ])('%s', (_, found, file) => {
    expect(errorsOf(JSON.parse(JSON.stringify(sarifOf(found, { app: 'shop/web', file }))))).toEqual([]);
  });

  test('and the schema would say what is wrong', () => {
    const log = JSON.parse(JSON.stringify(sarifOf(findings, { app: 'shop/web', file: undefined }))) as {
      runs: { results: { level: string; message?: object }[] }[];
    };
    const [result] = log.runs[0]?.results ?? [];
    if (result === undefined) throw new Error('no result');
    result.level = 'fatal';
    delete result.message;
    expect(errorsOf(log).join('\n')).toMatch(/\/runs\/0\/results\/0.*message[\s\S]*\/runs\/0\/results\/0\/level/);
  });
});
