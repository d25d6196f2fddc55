import { ShepherdError } from '@shepherd/core';
import { describe, expect, it } from 'vitest';
import { KubeError } from './kube-error.js';
import { toShepherdError } from './to-shepherd-error.js';

const call = { method: 'PATCH', path: '/apis/apps/v1/namespaces/shop/deployments/web/scale' };
const kube = (status: number, reason: string, message = 'no', more: object = {}) => new KubeError(call, message, { status, reason, ...more });

describe('toShepherdError', () => {
  it.each([
    [kube(401, 'Unauthorized'), 'ERR_FORBIDDEN', false],
    [kube(403, 'Forbidden', 'User "x" cannot patch resource "deployments/scale"'), 'ERR_FORBIDDEN', false],
    [kube(409, 'Conflict'), 'ERR_CONFLICT', true],
    [kube(409, 'AlreadyExists'), 'ERR_CONFLICT', false],
    [kube(422, 'Invalid'), 'ERR_CONFLICT', true],
    [kube(0, 'ECONNRESET'), 'ERR_UNREACHABLE', true],
    [kube(0, 'Timeout'), 'ERR_UNREACHABLE', true],
    [kube(0, 'CERT_HAS_EXPIRED'), 'ERR_UNREACHABLE', false],
    [kube(429, 'TooManyRequests'), 'ERR_UNREACHABLE', true],
    [kube(503, 'ServiceUnavailable'), 'ERR_UNREACHABLE', true],
    [kube(404, 'NotFound'), 'ERR_UNEXPECTED', false],
    [new Error('boom'), 'ERR_UNEXPECTED', false],
  ])('%s is %s', (error, code, retryable) => {
    const made = toShepherdError(error, 'scale web');
    expect(made.code).toBe(code);
    expect(made.retryable).toBe(retryable);
    expect(made.message).toMatch(/^scale web: /);
    expect(made.cause).toBe(error);
    expect(made.remedy.length).toBeGreaterThan(20);
  });

  it('names the missing right and writes the rule that grants it', () => {
    const made = toShepherdError(kube(403, 'Forbidden', 'User "x" cannot patch resource "deployments/scale"'), 'scale web');
    expect(made.facts).toEqual({ missing: [{ verb: 'patch', resource: 'deployments.apps/scale' }] });
    expect(made.remedy).toBe(
      'grant { apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["patch"] } in a Role of namespace shop to the user of this context',
    );
  });

  it('does not take a quota for a missing right', () => {
    const made = toShepherdError(kube(403, 'Forbidden', 'pods "web-1" is forbidden: exceeded quota: small'), 'create web-1');
    expect(made.facts).toEqual({ missing: [] });
    expect(made.remedy).toContain('quota');
  });

  it('names every refused field', () => {
    const causes = [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message: 'must be 0 or more' }];
    const made = toShepherdError(kube(422, 'Invalid', 'no', { details: { causes } }), 'scale web');
    expect(made.code).toBe('ERR_INVALID_OPTIONS');
    expect(made.facts).toEqual({ issues: [{ path: 'spec.replicas', got: 'FieldValueInvalid', expected: 'must be 0 or more' }] });
  });

  it('names the manager and the fields of an apply conflict', () => {
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "helm"', field: '.spec.replicas' }];
    const made = toShepherdError(kube(409, 'Conflict', 'no', { details: { causes } }), 'apply web');
    expect(made.facts).toEqual({ object: 'deployments/web/scale in shop', reason: 'conflict with "helm" [.spec.replicas]' });
    expect(made.retryable).toBe(false);
  });

  it('leaves our own errors alone', () => {
    const own = new ShepherdError('ERR_CONFLICT', 'x', { facts: { object: 'o', reason: 'r' }, remedy: 'do' });
    expect(toShepherdError(own, 'anything')).toBe(own);
  });
});
