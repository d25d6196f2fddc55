import { describe, expect, it } from 'vitest';
import type { KubeObject } from './objects.js';
import { formatSelector, matchesLabels, matchesSelector, parseFieldSelector, parseLabelSelector } from './selectors.js';

const labels = { app: 'web', tier: 'front', 'example.com/track': 'blue', size: '3' };

describe('label selectors', () => {
  it.each([
    ['app=web', true],
    ['app==web', true],
    ['app=api', false],
    ['app!=api', true],
    ['none!=x', true],
    ['app', true],
    ['!app', false],
    ['!none', true],
    ['tier in (front, back)', true],
    ['tier notin (front,back)', false],
    ['none notin (a)', true],
    ['example.com/track=blue,app=web', true],
    ['app=web,tier=back', false],
    ['size>2', true],
    ['size<3', false],
    ['none=', false],
    ['', true],
  ])('%s → %s', (text, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
  });

  it.each([
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['(x)', "found '(', expected: !, identifier, or 'end of string'"],
  ])('refuses %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });
});

describe('selectors of a spec', () => {
  it.each([
    [{}, true],
    [undefined, false],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web', tier: 'x' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ])('%j → %s', (selector, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected);
  });

  it('prints itself as a query', () => {
    expect(
      formatSelector({
        matchLabels: { b: '1', a: '2' },
        matchExpressions: [
          { key: 'c', operator: 'NotIn', values: ['y', 'x'] },
          { key: 'd', operator: 'Exists' },
        ],
      }),
    ).toBe('a=2,b=1,c notin (x,y),d');
  });
});

describe('field selectors', () => {
  const pod = { metadata: { name: 'a', namespace: 'shop' }, spec: { nodeName: 'n1' }, status: { phase: 'Running' } } as unknown as KubeObject;
  it.each([
    ['metadata.name=a', true],
    ['metadata.name!=a', false],
    ['spec.nodeName=n1,status.phase=Running', true],
    ['status.phase==Pending', false],
    ['status.nominatedNodeName=', true],
  ])('%s → %s', (text, expected) => {
    expect(parseFieldSelector(text, 'pods')(pod)).toBe(expected);
  });

  it('refuses fields that the resource does not select by', () => {
    expect(() => parseFieldSelector('spec.replicas=1', 'deployments.apps')).toThrow(
      '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });
});
