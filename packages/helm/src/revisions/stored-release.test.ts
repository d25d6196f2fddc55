import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, openHelmLab } from '../__fixtures__/lab.js';
import { throughDoor } from '../binary/door.js';
import { HelmClient } from '../binary/helm-client.js';
import { historyOf } from './history.js';
import { recordsOf } from './release-records.js';
import { decodedRelease, storedRelease } from './stored-release.js';

describe.each(binaries)('%s: its records', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    let helm: HelmClient;
    beforeEach(async () => {
      lab = await openHelmLab(binary);
      helm = new HelmClient(lab.platform, binary);
      await lab.byHand('install', 'web', lab.chart);
      await lab.byHand('upgrade', 'web', lab.chart, '--set=tag=1.1.0,motd=good evening');
      await lab.byHand('rollback', 'web', '1');
    });
    afterEach(() => lab[Symbol.asyncDispose]());

    test('say what helm itself says', async () => {
      const stored = await throughDoor(helm, lab.read, async (ask) => {
        const records = [...(await recordsOf(ask, lab.read, 'web')).values()].toSorted((a, b) => a.revision - b.revision);
        return Promise.all(records.map((record) => storedRelease(ask, lab.read, record)));
      });
      const said = (await historyOf(helm, lab.read, 'web')).map(({ revision, updated, status, chart, description }) => ({
        revision,
        updated,
        status,
        chart,
        description,
      }));
      expect(stored.map((each) => each?.listed)).toEqual(said);
      expect(said.map(({ description, chart }) => [description, chart])).toEqual([
        ['Install complete', 'web-1.0.0'],
        ['Upgrade complete', 'web-1.0.0'],
        ['Rollback to 1', 'web-1.0.0'],
      ]);
      for (const each of stored) expect(each?.manifest.trim()).toBe((await lab.byHand('get', 'manifest', 'web', `--revision=${each?.listed.revision}`)).trim());
    });

    test('where they may not be read, are gone or are of another kind: nothing, so that helm is asked', async () => {
      const read = (name: string) => throughDoor(helm, lab.read, (ask) => storedRelease(ask, lab.read, { name }));
      expect(await read('sh.helm.release.v1.web.v9')).toBeUndefined();
      lab.sandbox.fault({ verb: 'GET', path: /\/secrets\//, agent: /^(?!.*helm)/i }, { status: 403 });
      expect(await read('sh.helm.release.v1.web.v1')).toBeUndefined();
      const revisions = await lab.platform.releases.list(lab.read);
      expect(revisions.map(({ chart, number }) => [number, chart])).toEqual([
        [3, 'web-1.0.0'],
        [2, 'web-1.0.0'],
      ]);
    });
  });
});

const encoded = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');
const whole = {
  version: 2,
  manifest: 'kind: ConfigMap\n',
  info: { last_deployed: '2026-01-02T03:04:05.123456789+01:00', status: 'deployed', description: 'Upgrade complete' },
  chart: { metadata: { name: 'web', version: '1.2.0' } },
  hooks: [{ name: 'migrate', kind: 'Job', events: ['pre-upgrade', 'pre-rollback'] }],
};

test('a record is read as it is', async () => {
  expect(await decodedRelease(encoded(whole))).toEqual({
    listed: { revision: 2, updated: '2026-01-02T03:04:05.123456789+01:00', status: 'deployed', chart: 'web-1.2.0', description: 'Upgrade complete' },
    manifest: 'kind: ConfigMap\n',
    hooks: ['Job migrate (pre-upgrade, pre-rollback)'],
  });
});

test.each([
  ['nothing', ''],
  ['no base64', '%%%'],
  ['not compressed', Buffer.from(JSON.stringify(whole)).toString('base64')],
  ['broken off', encoded(whole).slice(0, 40)],
  ['no JSON', gzipSync('kind: Release').toString('base64')],
  ['null', encoded(null)],
  ['without a chart', encoded({ ...whole, chart: null })],
  ['without a number', encoded({ ...whole, version: '2' })],
  ['without a time', encoded({ ...whole, info: { ...whole.info, last_deployed: 'then' } })],
])('what is %s is nothing that we know', async (_, text) => {
  expect(await decodedRelease(text)).toBeUndefined();
});
