import { describe, expect, it } from 'vitest';
import { errorOfAnswer, errorOfNetwork, KubeError, wasNeverSent } from './kube-error.js';

const call = { method: 'PATCH', path: '/apis/apps/v1/namespaces/shop/deployments/web' };
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('errorOfAnswer', () => {
  it('reads a Status with its causes', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: -1', field: 'spec.replicas' }];
    const error = errorOfAnswer(
      call,
      answer(422, { kind: 'Status', code: 422, reason: 'Invalid', message: 'no', details: { name: 'web', kind: 'Deployment', causes } }),
    );
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', verb: 'patch', path: call.path, details: { name: 'web', kind: 'Deployment', causes } });
    expect(error.message).toBe('patch deployments/web in shop failed [422 Invalid]: no');
    expect(KubeError.is(error, 422)).toBe(true);
    expect(KubeError.is(error, 404)).toBe(false);
  });

  it('keeps the code and at most 2 KB of an HTML page', () => {
    const error = errorOfAnswer(call, answer(502, `<html>${'x'.repeat(9000)}`));
    expect(error).toMatchObject({ status: 502, reason: 'HTTP 502', details: { causes: [] } });
    expect(error.message).toContain('<html>xxx');
    expect(error.message.length).toBeLessThan(2200);
  });

  it('reads how long to wait, from the header first', () => {
    const body = { kind: 'Status', code: 429, details: { retryAfterSeconds: 7 } };
    expect(errorOfAnswer(call, answer(429, body)).retryAfterMs).toBe(7000);
    expect(errorOfAnswer(call, answer(429, body, { 'retry-after': '3' })).retryAfterMs).toBe(3000);
    expect(errorOfAnswer(call, answer(429, 'busy', { 'retry-after': 'soon' })).retryAfterMs).toBeUndefined();
  });

  it('says nothing of what a server says about Secrets, nor of a credential that a proxy repeats', () => {
    const secret = { method: 'PATCH', path: '/api/v1/namespaces/shop/secrets/db' };
    const said = { kind: 'Status', code: 422, reason: 'Invalid', message: 'hunter2', details: { causes: [{ field: 'data.password', message: 'hunter2' }] } };
    const errors = [
      errorOfAnswer(secret, answer(422, said)),
      errorOfAnswer(secret, answer(500, 'hunter2')),
      errorOfAnswer(call, answer(500, 'sent Authorization: Bearer hunter2')),
    ];
    for (const error of errors) expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('hunter2');
    expect(errors[0]?.details.causes[0]?.field).toBe('data.password');
  });

  it('knows an apply that does not fit the schema, which the server answers with 500', () => {
    const message = 'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.dta: field not declared in schema';
    const error = errorOfAnswer(call, answer(500, { kind: 'Status', code: 500, message }));
    expect(error).toMatchObject({
      status: 500,
      reason: 'SchemaMismatch',
      details: { causes: [{ field: '.spec.dta', message: 'field not declared in schema' }] },
    });
    expect(errorOfAnswer(call, answer(500, { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd' })).reason).toBe('InternalError');
  });
});

describe('errorOfNetwork', () => {
  it('takes the code of the socket, however deep', () => {
    const error = errorOfNetwork(call, new TypeError('fetch failed', { cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) }));
    expect(error).toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
    expect(error.message).toContain('connect ECONNREFUSED');
    expect(wasNeverSent(error)).toBe(true);
  });

  it('takes a broken connection for sent', () => {
    expect(wasNeverSent(errorOfNetwork(call, Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })))).toBe(false);
    expect(wasNeverSent(errorOfNetwork(call, Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' })))).toBe(true);
  });
});
