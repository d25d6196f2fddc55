import { notifierCases } from '@shepherd/core/testing';
import { describe, test } from 'vitest';
import { cdevents } from './cdevents/index.js';
import { discord } from './discord/index.js';
import { grafana } from './grafana/index.js';
import { pagerduty } from './pagerduty/index.js';
import { slack } from './slack/index.js';
import { teams } from './teams/index.js';
import { webhook } from './webhook/index.js';

const allowPrivate = true;
const key = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

/** Each against a backend that answers as the service does. */
const channels = {
  'slack webhook': notifierCases(
    (url) => slack({ webhook: () => `${url}/services/T0/B0/x`, allowPrivate }),
    () => 'ok',
  ),
  'slack bot': notifierCases(
    (url) => slack({ token: () => 'xoxb-test', channel: '#deploys', api: `${url}/api`, allowPrivate }),
    () => ({
      ok: true,
      channel: 'C0123456789',
      ts: '1767225600.000100',
    }),
  ),
  webhook: notifierCases(
    (url) => webhook({ url: () => url, secrets: () => key, allowPrivate }),
    () => '',
  ),
  pagerduty: notifierCases(
    (url) => pagerduty({ routingKey: () => 'a'.repeat(32), api: url, allowPrivate }),
    () => ({ status: 'success', dedup_key: 'k' }),
    202,
  ),
  teams: notifierCases(
    (url) => teams({ webhook: () => url, allowPrivate }),
    () => '',
  ),
  discord: notifierCases(
    (url) => discord({ webhook: () => `${url}/api/webhooks/1/x`, allowPrivate }),
    () => ({ id: '1234567890123456789' }),
  ),
  'cdevents binary': notifierCases(
    (url) => cdevents({ url: () => url, allowPrivate }),
    () => '',
  ),
  'cdevents structured': notifierCases(
    (url) => cdevents({ url: () => url, mode: 'structured', token: () => 'token', allowPrivate }),
    () => '',
  ),
  grafana: notifierCases(
    (url) => grafana({ url, token: () => 'glsa_test', allowPrivate }),
    () => ({ id: 7, message: 'Annotation added' }),
  ),
};
for (const [channel, list] of Object.entries(channels))
  describe(channel, () => {
    for (const { name, run } of list) test(name, run);
  });
