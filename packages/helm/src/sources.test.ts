// Where a chart comes from: a repository of charts and an archive at an address, served on loopback.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { assertOutcome } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { binaries, isMissing, openHelmLab } from './__fixtures__/lab.js';

const run = promisify(execFile);

describe.each(binaries)('%s', (binary) => {
  test.skipIf(isMissing(binary))('releases from a repository and from an address, and says of both what is not there', async () => {
    await using lab = await openHelmLab(binary);
    const server = createServer((request, response) => {
      readFile(join(lab.home, 'charts', basename(request.url ?? ''))).then(
        (file) => response.end(file),
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await run(binary, ['package', lab.chart, `--destination=${join(lab.home, 'charts')}`]);
      await run(binary, ['repo', 'index', join(lab.home, 'charts'), `--url=${url}`]);
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart: 'web', repo: url, version: '1.0.0' } }).outcome, 'succeeded');
      const upgrade = { chart: `${url}/web-1.0.0.tgz`, values: [{ tag: '1.1.0' }] };
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: upgrade }).outcome, 'succeeded');
      const missing = [{ chart: 'web', repo: url, version: '9.9.9' }, { chart: `${url}/no-such-1.0.0.tgz` }];
      for (const release of missing) await expect(lab.shepherd.plan({ app: 'web', release })).rejects.toMatchObject({ code: 'ERR_CHART' });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
