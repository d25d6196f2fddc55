import { describe, expect, it } from 'vitest';
import { type JsonPatchOperation, jsonPatch } from './json-patch.js';
import { mergePatch } from './merge-patch.js';

const document = { a: { b: [1, 2, 3] }, 'x/y': 1, 'm~n': 2 };

describe('JSON patch', () => {
  it.each<[JsonPatchOperation[], unknown]>([
    [[{ op: 'add', path: '/a/b/1', value: 9 }], { ...document, a: { b: [1, 9, 2, 3] } }],
    [[{ op: 'add', path: '/a/b/-', value: 9 }], { ...document, a: { b: [1, 2, 3, 9] } }],
    [[{ op: 'add', path: '/c', value: { d: 1 } }], { ...document, c: { d: 1 } }],
    [[{ op: 'remove', path: '/a/b/0' }], { ...document, a: { b: [2, 3] } }],
    [[{ op: 'replace', path: '/x~1y', value: 7 }], { ...document, 'x/y': 7 }],
    [[{ op: 'replace', path: '/m~0n', value: 7 }], { ...document, 'm~n': 7 }],
    [[{ op: 'replace', path: '/new', value: 7 }], { ...document, new: 7 }],
    [[{ op: 'move', from: '/a/b/0', path: '/first' }], { ...document, a: { b: [2, 3] }, first: 1 }],
    [[{ op: 'copy', from: '/a', path: '/c' }], { ...document, c: document.a }],
    [[{ op: 'test', path: '/a/b', value: [1, 2, 3] }], document],
    [[{ op: 'test', path: '/none', value: null }], document],
  ])('%j', (operations, expected) => {
    expect(jsonPatch(document, operations)).toEqual(expected);
  });

  it.each<JsonPatchOperation[][]>([
    [[{ op: 'test', path: '/a/b/0', value: 2 }]],
    [[{ op: 'remove', path: '/none' }]],
    [[{ op: 'add', path: '/none/x', value: 1 }]],
    [[{ op: 'add', path: '/a/b/7', value: 1 }]],
    [[{ op: 'replace', path: '/a/b/7', value: 1 }]],
    [[{ op: 'move', from: '/a', path: '/a/b' }]],
    [[{ op: 'add', path: 'a', value: 1 }]],
  ])('refuses %j', (operations) => {
    expect(() => jsonPatch(document, operations)).toThrow();
  });

  it('changes all or nothing', () => {
    const before = structuredClone(document);
    expect(() =>
      jsonPatch(document, [
        { op: 'remove', path: '/a' },
        { op: 'test', path: '/x~1y', value: 2 },
      ]),
    ).toThrow();
    expect(document).toEqual(before);
  });
});

describe('merge patch', () => {
  it.each([
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: 1 }, { a: { b: { c: null } } }, { a: { b: {} } }],
    [{ a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
  ])('%j + %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});
