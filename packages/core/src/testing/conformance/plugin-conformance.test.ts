import { describe, expect, test } from 'vitest';
import { answerCounts, answerMessage, badNotifiers, badProviders, counterProvider, notifier, provider } from './__fixtures__/plugins.js';
import type { Case } from './case.js';
import { metricsProviderCases } from './metrics-provider-cases.js';
import { notifierCases } from './notifier-cases.js';

const lists: Readonly<Record<string, readonly Case[]>> = {
  'a provider of increments': metricsProviderCases((url) => provider(url), answerCounts),
  'a provider of counters': metricsProviderCases(counterProvider, answerCounts),
  'a notifier': notifierCases((url) => notifier(url), answerMessage),
};
for (const [plugin, cases] of Object.entries(lists)) {
  describe(plugin, () => {
    for (const { name, run } of cases) test(name, run);
  });
}

describe('each case can fail', () => {
  const provided = metricsProviderCases((url) => provider(url), answerCounts).map(({ name }) => name);
  const notified = notifierCases((url) => notifier(url), answerMessage).map(({ name }) => name);

  test('there is a mutant for every case, and for no other', () => {
    expect(Object.keys(badProviders).toSorted()).toEqual(provided.toSorted());
    expect(Object.keys(badNotifiers).toSorted()).toEqual(notified.toSorted());
  });

  test.each(provided)('%s', async (name) => {
    const found = metricsProviderCases((url) => provider(url, badProviders[name]), answerCounts).find((each) => each.name === name);
    await expect(found?.run()).rejects.toThrow();
  });

  test.each(notified)('%s', async (name) => {
    const found = notifierCases((url) => notifier(url, badNotifiers[name]), answerMessage).find((each) => each.name === name);
    await expect(found?.run()).rejects.toThrow();
  });
});
