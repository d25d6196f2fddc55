import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compare } from './compare.js';
import { requests, scenario } from './scenario.js';
import { scenarios } from './scenarios/index.js';
import type { Side } from './sides.js';

/** Two sandboxes: one in the place of the cluster. */
const sides: { sandbox: Side; cluster: Side }[] = [];
const opened: Sandbox[] = [];
const side = async (name: Side['name']): Promise<Side> => {
  const sandbox = await createSandbox({ time: 'real' });
  opened.push(sandbox);
  return { name, url: sandbox.url ?? '', [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
};
beforeAll(async () => {
  sides.push({ sandbox: await side('sandbox'), cluster: await side('cluster') });
});
afterAll(() => Promise.all(opened.map((sandbox) => sandbox[Symbol.asyncDispose]())));

const pair = (): { sandbox: Side; cluster: Side } => sides[0] as { sandbox: Side; cluster: Side };
const some = scenarios.filter(({ name }) => /^(ownership: who|names made|rollout: 3 replicas, surge 1|garbage: Foreground|endpoints: slices)/.test(name));
const quiet = (): void => undefined;

it('finds two of a kind the same, though names, addresses and times differ', async () => {
  expect(some.length).toBe(5);
  const { differs, same } = await compare(some, pair(), quiet);
  expect(differs).toEqual([]);
  expect(same).toBe(5);
}, 30_000);

it('reports a planted difference, and nothing else', async () => {
  const takeBack = opened[0]?.fault({ verb: 'create', path: /secrets/, times: 1 }, { status: 503 });
  const two = [
    requests('with a Secret', [['POST', 'secrets', { metadata: { name: 'a' } }]]),
    requests('with a ConfigMap', [['POST', 'configmaps', { metadata: { name: 'a' } }]]),
  ];
  const { differs, same } = await compare(two, pair(), quiet);
  takeBack?.();
  expect(same).toBe(1);
  expect(differs).toMatchObject([{ scenario: 'with a Secret', differences: [{ sandbox: { status: 503 }, cluster: { status: 201 } }] }]);
});

it('does not take two failures for agreement', async () => {
  const broken = scenario('broken', async (probe) => void (await probe.need('GET', 'configmaps/none')));
  expect((await compare([broken], pair(), quiet)).same).toBe(0);
});
