import { expect, test } from 'vitest';
import { parseExposition, parseSeries } from './exposition.js';

test.each([
  ['up 1', 'up', 1],
  ['  up{a="b"} 1.5e3  ', 'up{a="b"}', 1_500],
  ['up{} +Inf', 'up{}', Number.POSITIVE_INFINITY],
  ['up{a="b"} NaN 1767226200000', 'up{a="b"}', Number.NaN],
  ['up{a="} 2",b="c d"} 7', 'up{a="} 2",b="c d"}', 7],
])('%s', (line, series, value) => expect(parseExposition(`# HELP up\n\n${line}\n`)).toEqual([{ series, value }]));

test.each(['up', 'up{a="b"}', 'up one', '{a="b"} one'])('%s is no line', (line) => expect(() => parseExposition(line)).toThrow(SyntaxError));

test.each<[string, Readonly<Record<string, string>>]>([
  ['up', { __name__: 'up' }],
  ['a:b_1{}', { __name__: 'a:b_1' }],
  ['up{a="b",c="d",}', { __name__: 'up', a: 'b', c: 'd' }],
  ['{"a.b","c.d"="x",e="y"}', { __name__: 'a.b', 'c.d': 'x', e: 'y' }],
  ['up{ a = "}" , b="x\\"y\\\\z\\n" }', { __name__: 'up', a: '}', b: 'x"y\\z\n' }],
])('%s', (series, labels) => expect(parseSeries(series)).toEqual(labels));

test.each(['1up', 'up{a=b}', 'up{a="b" c="d"}x', 'up-1', 'up{a="b"', '{a="b"}', '{"a.b","c.d"}', 'up{"a.b"}'])('%s is no series', (series) =>
  expect(() => parseSeries(series)).toThrow(SyntaxError),
);
