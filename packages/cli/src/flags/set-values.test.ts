import { expect, test } from 'vitest';
import { setValues } from './set-values.js';

test.each([
  ['tag=1.3.0', { tag: '1.3.0' }],
  ['image.tag=v2,replicas=3,on=true,off=null', { image: { tag: 'v2' }, replicas: 3, on: true, off: null }],
  ['a.b=1,a.c=x=y', { a: { b: 1, c: 'x=y' } }],
  ['list={a,2},empty={}', { list: ['a', 2], empty: [] }],
  ['text=a\\,b,key\\.with\\.dots=x', { text: 'a,b', 'key.with.dots': 'x' }],
  ['zip=007,big=12345678901234567890', { zip: '007', big: '12345678901234567890' }],
])('%s', (text, values) => {
  expect(setValues(text)).toEqual(values);
});

test.each(['', 'tag', '=x', 'a..b=1', 'a[0]=x', '__proto__.x=1'])('%j is no list of values', (text) => {
  expect(setValues(text)).toBeUndefined();
});
