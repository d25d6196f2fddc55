import { describe, expect, test } from 'vitest';
import { SeriesStore } from '../series-store.js';
import { evaluate } from './evaluate.js';
import { parse } from './parse.js';

const minute = 60_000;

/** Two pods, a counter each that rises by 10 and 20 every 15 s and is set back once, a gauge without a pod. */
function filled(): SeriesStore {
  const store = new SeriesStore(60 * minute);
  for (let step = 0; step <= 20; step++) {
    store.append({ __name__: 'c', pod: 'a', code: '200' }, step * 15_000, step * 10);
    store.append({ __name__: 'c', pod: 'b', code: '500' }, step * 15_000, step < 10 ? step * 20 : (step - 10) * 20);
    store.append({ __name__: 'g', job: 'x' }, step * 15_000, 7);
  }
  return store;
}

const run = (query: string, atMs = 5 * minute) => evaluate(parse(query), filled(), atMs).map(({ labels, value }) => [labels, value]);

describe('as Prometheus evaluates', () => {
  test.each<[string, unknown]>([
    ['c{pod="a"}', [[{ __name__: 'c', pod: 'a', code: '200' }, 200]]],
    ['c{pod!="a"}', [[{ __name__: 'c', pod: 'b', code: '500' }, 200]]],
    ['c{code=~"5.."}', [[{ __name__: 'c', pod: 'b', code: '500' }, 200]]],
    ['c{code!~"5..|4.*"}', [[{ __name__: 'c', pod: 'a', code: '200' }, 200]]],
    ['{__name__=~"g|h"}', [[{ __name__: 'g', job: 'x' }, 7]]],
    [
      'c{missing=""}',
      [
        [{ __name__: 'c', pod: 'a', code: '200' }, 200],
        [{ __name__: 'c', pod: 'b', code: '500' }, 200],
      ],
    ],
    ['sum(c)', [[{}, 400]]],
    [
      'sum by (code) (c)',
      [
        [{ code: '200' }, 200],
        [{ code: '500' }, 200],
      ],
    ],
    ['sum without (code, pod) (c)', [[{}, 400]]],
    [
      'max(c) or g',
      [
        [{}, 200],
        [{ __name__: 'g', job: 'x' }, 7],
      ],
    ],
    ['count by (nothing) (c)', [[{}, 2]]],
    ['avg(c)', [[{}, 200]]],
    ['c and on (pod) c{code="500"}', [[{ __name__: 'c', pod: 'b', code: '500' }, 200]]],
    ['c unless on (pod) c{code="500"}', [[{ __name__: 'c', pod: 'a', code: '200' }, 200]]],
    ['timestamp(g)', [[{ job: 'x' }, 300]]],
    ['timestamp(sum by (job) (g))', [[{ job: 'x' }, 300]]],
    ['g offset 1m', [[{ __name__: 'g', job: 'x' }, 7]]],
    ['count_over_time(g[1m])', [[{ job: 'x' }, 4]]],
    ['label_replace(g, "to", "$1-y", "job", "(.*)")', [[{ __name__: 'g', job: 'x', to: 'x-y' }, 7]]],
    ['label_replace(g, "job", "", "job", ".*")', [[{ __name__: 'g' }, 7]]],
    ['label_replace(g, "to", "y", "job", "z")', [[{ __name__: 'g', job: 'x' }, 7]]],
    ['increase(c{pod="a"}[1m])', [[{ pod: 'a', code: '200' }, 40]]],
    ['rate(c{pod="a"}[1m])', [[{ pod: 'a', code: '200' }, 40 / 60]]],
    ['none', []],
  ])('%s', (query, result) => expect(run(query)).toEqual(result));

  test('a counter that was set back has risen all the same', () => {
    const [[, increase]] = run('increase(c{pod="b"}[5m])') as [[unknown, number]];
    expect(increase).toBeGreaterThan(360);
    expect(increase).toBeLessThan(400);
  });

  test('a sample is taken for five minutes, and no longer', () => {
    expect(run('timestamp(g)', 5 * minute + 299_999)).toHaveLength(1);
    expect(run('g', 10 * minute)).toHaveLength(0);
  });

  test('strings of both kinds, with their escapes', () => {
    const store = new SeriesStore(minute);
    const odd = 'a"b\\c\nd}é\u2028';
    store.append({ __name__: 'g', x: odd }, 0, 1);
    for (const literal of [JSON.stringify(odd), `'a"b\\\\c\\nd}\\u00e9\\u2028'`, '"a\\x22b\\134c\\nd}\\u00e9\\U00002028"'])
      expect(evaluate(parse(`g{x=${literal}}`), store, 0), literal).toHaveLength(1);
  });
});
