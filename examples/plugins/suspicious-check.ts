// A check that looks for data that does not add up. Tagged, its failure opens an incident at once and holds the rollout: nothing goes back before a person has looked.
import { type DeployRequest, defineCheck, fail, pass } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';

/** Give it to `extensions` of the Shepherd. */
export const ledger = defineCheck<{ readonly path: string }>({
  use: 'example.com/ledger',
  describe: ({ path }) => `${path} adds up`,
  async run({ path }, { http, track }) {
    const [reply] = await http(track, path);
    if (reply?.status !== 200) throw new Error(`${path} gave no answer`);
    const { entries, expected } = JSON.parse(reply.text) as { entries: number; expected: number };
    return entries === expected ? pass() : fail(`${entries} entries, ${expected} expected`);
  },
});

export const request = (image: string): DeployRequest<{ readonly image: string }> => ({
  app: 'shop/web',
  release: { image },
  checks: [...standard(), { ...ledger({ path: '/ledger' }), incident: 'data-corruption' }],
});
