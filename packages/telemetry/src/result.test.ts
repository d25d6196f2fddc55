import type { Cause, Outcome } from '@shepherd/core';
import { expect, test } from 'vitest';
import { errorTypeOf, resultOf, statusOf } from './result.js';

const base = { rolloutId: 'x', targets: [], from: undefined, to: undefined, startedAt: '2026-01-01T00:00:00Z', ms: 1 };
const by = { name: 'ada', kind: 'human' } as const;
const error = (code: string) => ({ code, message: '', remedy: '', docs: '' }) as never;
const back = (cause: Cause): Outcome => ({ ...base, kind: 'rolled-back', final: true, serving: 'stable', cause, trafficBackMs: undefined });
const target = { cluster: 'c', namespace: 'n', name: 'a' };
const step = { kind: 'shift', target, weight: 50 } as const;

const rows: readonly (readonly [string, Outcome, ReturnType<typeof resultOf>, ReturnType<typeof statusOf>, string | undefined])[] = [
  ['succeeded', { ...base, kind: 'succeeded', final: true, serving: 'candidate', changed: true }, 'success', 'succeeded', undefined],
  ['a verdict', back({ kind: 'verdict', index: 1, step, verdict: { kind: 'fail', reason: 'no' } }), 'failure', 'failed', 'verdict.fail'],
  ['a step', back({ kind: 'step', index: 1, step, error: error('ERR_POD_DOOMED') }), 'failure', 'failed', 'ERR_POD_DOOMED'],
  ['a gate', back({ kind: 'gate', gate: 'g', reason: 'no' }), 'failure', 'failed', 'gate'],
  ['a deadline', back({ kind: 'deadline', after: '5m' }), 'timeout', 'failed', undefined],
  ['an abort', back({ kind: 'abort', by, reason: 'no' }), 'cancellation', 'failed', undefined],
  [
    'a failed way back',
    { ...base, kind: 'rollback-failed', final: true, serving: 'mixed', cause: { kind: 'deadline', after: '5m' }, error: error('ERR_STEP_FAILED') },
    'error',
    'failed',
    'ERR_STEP_FAILED',
  ],
  ['superseded', { ...base, kind: 'superseded', final: true, serving: 'stable', by: 'y' }, 'cancellation', 'failed', undefined],
  ['a block', { ...base, kind: 'failed-untouched', final: true, serving: 'stable', error: error('ERR_GATE_CLOSED') }, 'skip', undefined, undefined],
  ['lock lost', { ...base, kind: 'lock-lost', final: false }, 'error', 'failed', 'ERR_LOCK_LOST'],
  ['detached', { ...base, kind: 'detached', final: false }, undefined, undefined, undefined],
];

test.each(rows)('%s', (_, outcome, result, status, errorType) => {
  expect([resultOf(outcome), statusOf(resultOf(outcome)), errorTypeOf(outcome)]).toEqual([result, status, errorType]);
});
