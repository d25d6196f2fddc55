import { equalJson, type Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { forbiddenField, invalidValue, required } from './causes.js';
import type { KindRules } from './kind-rules.js';

const KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const MAX_BYTES = 1_048_576;

const keyProblem = (key: string): string | undefined =>
  key.length > 253
    ? 'must be no more than 253 characters'
    : /^[-._a-zA-Z0-9]+$/.test(key)
      ? key === '.' || key === '..' || key.startsWith('..')
        ? `must not be '${key.startsWith('..') && key !== '..' ? '..' : key}'`
        : undefined
      : KEY_TEXT;

function validateKeys(data: Wire, field: string): StatusCause[] {
  return Object.keys(data ?? {}).flatMap((key) => {
    const problem = keyProblem(key);
    return problem === undefined ? [] : [invalidValue(`${field}[${key}]`, key, problem)];
  });
}

const sizeOf = (text: string): number => Buffer.byteLength(text);
const bytesOf = (base64: string): number => Buffer.from(base64, 'base64').length;
const total = (data: Wire, size: (text: string) => number): number => Object.values<string>(data ?? {}).reduce((sum, text) => sum + size(text), 0);
const tooLong = (field: string): StatusCause => ({ reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${MAX_BYTES} bytes` });

const IMMUTABLE_TEXT = 'field is immutable when `immutable` is set';

const immutableData =
  (fields: readonly string[]): NonNullable<KindRules['validateUpdate']> =>
  (draft, previous) => {
    if (!previous.immutable) return [];
    const changed = fields.filter((field) => !equalJson(draft[field] ?? {}, previous[field] ?? {}));
    return [...(draft.immutable ? [] : ['immutable']), ...changed].map((field) => forbiddenField(field, IMMUTABLE_TEXT));
  };

export const configMapRules: KindRules = {
  validate({ data, binaryData }) {
    const both = Object.keys(data ?? {}).filter((key) => binaryData?.[key] !== undefined);
    const causes = [...validateKeys(data, 'data'), ...both.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'))];
    causes.push(...validateKeys(binaryData, 'binaryData'));
    return total(data, sizeOf) + total(binaryData, bytesOf) > MAX_BYTES ? [...causes, tooLong('[]')] : causes;
  },
  validateUpdate: immutableData(['data', 'binaryData']),
};

/** What a Secret of a type has to hold; one of a list where there are several. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function validateDocker(data: Wire): StatusCause[] {
  const text = data?.['.dockerconfigjson'];
  if (text === undefined) return [];
  try {
    JSON.parse(Buffer.from(text, 'base64').toString());
    return [];
  } catch {
    // the value is a secret: the server does not show it
    const message = 'Invalid value: "<secret contents redacted>": unexpected end of JSON input';
    return [{ reason: 'FieldValueInvalid', message, field: 'data[.dockerconfigjson]' }];
  }
}

export const secretRules: KindRules = {
  defaults(draft) {
    draft.type ??= 'Opaque';
    if (!draft.stringData) return;
    const encoded = Object.entries(draft.stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
    draft.data = { ...draft.data, ...Object.fromEntries(encoded) };
    delete draft.stringData;
  },
  validate({ type, data }) {
    const causes = validateKeys(data, 'data');
    if (total(data, bytesOf) > MAX_BYTES) causes.push(tooLong('data'));
    for (const key of NEEDED[type] ?? []) if (data?.[key] === undefined) causes.push(required(`data[${key}]`));
    return type === 'kubernetes.io/dockerconfigjson' ? [...causes, ...validateDocker(data)] : causes;
  },
  validateUpdate: (draft, previous) => [
    ...(draft.type === previous.type ? [] : [invalidValue('type', draft.type, 'field is immutable')]),
    ...immutableData(['data'])(draft, previous),
  ],
};
