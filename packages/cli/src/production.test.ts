import { expect, test } from 'vitest';
import type { LoadedSettings } from './config/settings.js';
import { bareName, productionName } from './production.js';

const places = [
  { name: 'staging', namespace: 'staging' },
  { name: 'live', namespace: 'shop', production: true },
  { name: 'production', namespace: 'try', production: false },
  { name: 'prod-eu', namespace: 'eu' },
];

test.each<[string, { readonly app?: string; readonly namespace?: string; readonly context?: string }, LoadedSettings, string | undefined]>([
  ['nothing says so', {}, {}, undefined],
  ['the namespace', { namespace: 'production' }, {}, 'production'],
  ['the namespace, as a word of it', { namespace: 'shop-prod' }, {}, 'shop-prod'],
  ['not as a part of a word', { namespace: 'products' }, {}, undefined],
  ['the namespace of the app', { app: 'prod/web', namespace: 'staging' }, {}, 'prod'],
  ['the cluster of the app', { app: 'prod/shop/web' }, {}, 'prod'],
  ['an app of that name is none', { app: 'prod' }, {}, undefined],
  ['the cluster of a rollout id', { app: 'prod_shop_web_01KDVDNA00S8BNQNW8' }, {}, 'prod'],
  ['the context', { context: 'gke_acme_prod' }, {}, 'gke_acme_prod'],
  ['the config, without environments', { app: 'shop/web' }, { production: true }, 'the config says so'],
  ['the config denies it', { namespace: 'production', context: 'prod' }, { production: false }, undefined],
  ['the environment', { namespace: 'eu' }, { environment: 'prod-eu', places }, 'prod-eu'],
  ['the environment says so', { namespace: 'shop' }, { environment: 'live', places, production: true }, 'live'],
  ['the environment denies it', { namespace: 'try' }, { environment: 'production', places, production: false }, undefined],
  ['an app in the namespace of another environment', { app: 'shop/web', namespace: 'staging' }, { environment: 'staging', places }, 'live'],
  ['an app in a namespace of no environment', { app: 'prod/web', namespace: 'staging' }, { environment: 'staging', places }, 'prod'],
  ['a rollout in the namespace of another environment', { app: 'eu_shop_web_01KDVDNA00S8BNQNW8' }, { places }, 'live'],
  [
    'one namespace, two environments: that which was asked for',
    { namespace: 'a' },
    {
      environment: 'x',
      places: [
        { name: 'x', namespace: 'a' },
        { name: 'prod', namespace: 'a' },
      ],
    },
    undefined,
  ],
  [
    'one namespace, two environments, none asked for: the stricter',
    { namespace: 'a' },
    {
      places: [
        { name: 'x', namespace: 'a', production: false },
        { name: 'prod', namespace: 'a' },
      ],
    },
    'prod',
  ],
])('%s', (_, { app = 'web', namespace, context }, settings, expected) => {
  expect(productionName({ app, namespace, context }, settings)).toBe(expected);
});

test('the name alone', () => {
  expect(['web', 'shop/web', 'eu/shop/web', 'eu_shop_web_01KDVDNA00S8BNQNW8'].map(bareName)).toEqual(['web', 'web', 'web', 'web']);
});
