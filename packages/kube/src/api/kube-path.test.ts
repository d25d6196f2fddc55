import { describe, expect, it } from 'vitest';
import { describePath, parseKubePath, rbacResource, rbacVerb, withQuery } from './kube-path.js';

describe('parseKubePath', () => {
  it.each([
    ['/api/v1/namespaces/shop/pods', ['', 'shop', 'pods', undefined, undefined]],
    ['/api/v1/namespaces/shop/pods/web-1:8080/proxy/health?x=1', ['', 'shop', 'pods', 'web-1:8080', 'proxy']],
    ['/apis/apps/v1/namespaces/shop/deployments/web/scale', ['apps', 'shop', 'deployments', 'web', 'scale']],
    ['/apis/apps/v1/deployments', ['apps', undefined, 'deployments', undefined, undefined]],
    ['/api/v1/namespaces', ['', undefined, 'namespaces', undefined, undefined]],
    ['/api/v1/namespaces/shop', ['', 'shop', 'namespaces', 'shop', undefined]],
    ['/api/v1/namespaces/shop/status', ['', 'shop', 'namespaces', 'shop', 'status']],
    ['/api/v1/nodes/one', ['', undefined, 'nodes', 'one', undefined]],
    ['/version', ['', undefined, '', undefined, undefined]],
  ])('takes %s apart', (path, [group, namespace, resource, name, subresource]) => {
    expect(parseKubePath(path)).toEqual({ group, namespace, resource, name, subresource });
  });
});

describe('rbac', () => {
  it.each([
    ['GET', '/api/v1/namespaces/shop/pods/web', {}, 'get'],
    ['GET', '/api/v1/namespaces/shop/pods', {}, 'list'],
    ['GET', '/api/v1/namespaces/shop/pods', { watch: 'true' }, 'watch'],
    ['GET', '/version', {}, 'get'],
    ['POST', '/api/v1/namespaces/shop/pods', {}, 'create'],
    ['PUT', '/api/v1/namespaces/shop/pods/web', {}, 'update'],
    ['PATCH', '/api/v1/namespaces/shop/pods/web', {}, 'patch'],
    ['DELETE', '/api/v1/namespaces/shop/pods/web', {}, 'delete'],
    ['DELETE', '/api/v1/namespaces/shop/pods', {}, 'deletecollection'],
  ])('%s %s %o is %s', (method, path, query, verb) => {
    expect(rbacVerb(method, path, query as Record<string, string>)).toBe(verb);
  });

  it('names resources as kubectl does', () => {
    expect(rbacResource('/apis/apps/v1/namespaces/shop/deployments/web/scale')).toBe('deployments.apps/scale');
    expect(rbacResource('/api/v1/namespaces/shop/pods/web/proxy/x')).toBe('pods/proxy');
    expect(rbacResource('/readyz?verbose')).toBe('/readyz');
  });
});

it('describes an object for people', () => {
  expect(describePath('/apis/apps/v1/namespaces/shop/deployments/web/scale')).toBe('deployments/web/scale in shop');
  expect(describePath('/api/v1/namespaces/shop')).toBe('namespaces/shop');
  expect(describePath('/version')).toBe('/version');
});

it('writes equal queries alike, escaped', () => {
  expect(withQuery('/p', { b: 'x=y,z', a: '1' })).toBe(withQuery('/p', { a: '1', b: 'x=y,z' }));
  expect(withQuery('/p', { labelSelector: 'app=web' })).toBe('/p?labelSelector=app%3Dweb');
  expect(withQuery('/p?a=1', { b: '2' })).toBe('/p?a=1&b=2');
  expect(withQuery('/p', {})).toBe('/p');
});
