import fc from 'fast-check';
import { expect, it } from 'vitest';
import { duplicateFields } from './duplicates.js';

it('finds what stands twice, wherever it is', () => {
  expect(duplicateFields('{"data":{"a":"1","a":"2"},"list":[{"x":1},{"x":1,"x":{"y":1,"y":2}}]}')).toEqual(['data.a', 'list[1].x', 'list[1].x.y']);
  expect(duplicateFields('{"a":"{\\"a\\":1,","b":":a,","c":[",",":"]}')).toEqual([]);
});

it('finds nothing in what JSON.stringify writes', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void expect(duplicateFields(JSON.stringify(value))).toEqual([])));
});
