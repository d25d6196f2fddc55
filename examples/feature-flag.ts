// A release goes on while a feature flag lets it. `npm run example feature-flag`
import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import type { Outcome } from '@shepherd/core';
import { flagGate } from '@shepherd/core/gates';
import { shop } from './lib/shop.js';

export async function example(print = console.log): Promise<Outcome> {
  // In production the provider of your flag service stands here.
  const flags = new InMemoryProvider({ releases: { variants: { open: true, frozen: false }, defaultVariant: 'frozen', disabled: false } });
  await OpenFeature.setProviderAndWait('example-releases', flags);
  const gate = flagGate(OpenFeature.getClient('example-releases'));
  await using app = await shop({}, [gate], print);
  return await app.deploy({ release: { image: 'registry/web:1.3.0' }, gates: [gate({ key: 'releases', equals: true, otherwise: 'fail' })] });
}
