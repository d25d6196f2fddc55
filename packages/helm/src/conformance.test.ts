import { platformCases } from '@shepherd/core/testing';
import { describe, test } from 'vitest';
import { binaries, isMissing, openHelmLab } from './__fixtures__/lab.js';

/** What is delegated is proved where it is made. */
const isOurs = (name: string): boolean => name.startsWith('releases:') || /candidate/.test(name);

describe.each(binaries)('charts by %s keep the contract of releases', (binary) => {
  const cases = platformCases(async () => {
    const lab = await openHelmLab(binary);
    await lab.byHand('install', 'web', lab.chart, '--wait', '--timeout=30s');
    const of = (tag: string) => ({ chart: lab.chart, values: [{ tag }] });
    return {
      platform: lab.platform,
      app: lab.read.app,
      replicas: 2,
      release: of('1.0.0'),
      next: of('1.1.0'),
      broken: of('6.6.6'),
      close: async () => lab[Symbol.asyncDispose](),
    };
  });
  describe.skipIf(isMissing(binary))('', () => {
    for (const { name, run } of cases.filter((each) => isOurs(each.name))) test(name, run);
  });
});
