import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { client } from './api-fixture.js';
import { isRecord, type Wire } from './json.js';

/** One request and what a real API server answered; see scripts/record-answers.mjs. */
interface Exchange {
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body?: object;
  readonly status: number;
  readonly warning: string | null;
  readonly json: Wire;
}

const exchanges: readonly Exchange[] = JSON.parse(readFileSync(new URL('./__fixtures__/answers-1.34.json', import.meta.url), 'utf8'));

/** Different on every server or at every time. */
const VOLATILE = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'time',
  'clusterIP',
  'clusterIPs',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  // What controllers add meanwhile.
  'deployment.kubernetes.io/revision',
  'conditions',
  'observedGeneration',
  // Not done here: a token in each pod, an annotation of times long gone.
  'deprecated.daemonset.template.generation',
];

function comparable(value: Wire): Wire {
  if (typeof value === 'string') return value.replace(/in record \([^)]+\)/, 'in record').replace(/^x-.{5}$/, 'x-?????');
  if (Array.isArray(value)) {
    const kept = value.filter(
      (item) => item?.manager !== 'controller-manager' && item?.manager !== 'kube-controller-manager' && !String(item?.name).startsWith('kube-api-access'),
    );
    return kept.map(comparable);
  }
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).filter(([field]) => !VOLATILE.includes(field) && !VOLATILE.includes(field.slice(2)));
  const found = fields.map(([field, item]) => [field, comparable(item)] as const);
  return Object.fromEntries(found.filter(([field, item]) => !(MAY_BE_EMPTY.includes(field) && isEmpty(item))));
}

/** Left over where only what is volatile was in it. */
const MAY_BE_EMPTY = ['annotations', 'managedFields', 'volumes', 'volumeMounts', 'f:annotations', 'f:metadata', 'f:spec', 'status'];
const isEmpty = (value: Wire): boolean => typeof value === 'object' && value !== null && Object.keys(value).filter((key) => key !== '.').length === 0;

describe('answers of a real API server', () => {
  const api = client();
  it.each(exchanges)('$label', async ({ method, path, type, body, status, warning, json }) => {
    const headers = { authorization: `Bearer ${api.server.adminToken}`, 'user-agent': 'probe/1', ...(body && { 'content-type': `application/${type}` }) };
    const answer = await api.server.handle(new Request(`http://sandbox${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) }));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('warning')).toBe(warning);
    expect(comparable(await answer.json())).toEqual(comparable(json));
  });
});
