import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { binaries, isMissing } from './__fixtures__/lab.js';
import { refreshRepos } from './repos.js';

const index = 'apiVersion: v1\nentries: {}\ngenerated: "2026-01-01T00:00:00Z"\n';

describe.each(binaries)('%s', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let home: string;
    let server: Server;
    let answers: number;
    beforeEach(async () => {
      answers = 200;
      home = await mkdtemp(join(tmpdir(), 'shepherd-repos-'));
      for (const kind of ['CONFIG', 'CACHE', 'DATA']) vi.stubEnv(`HELM_${kind}_HOME`, join(home, kind));
      server = createServer((_, response) => void response.writeHead(answers).end(index));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(async () => {
      vi.unstubAllEnvs();
      await new Promise((resolve) => server.close(resolve));
      await rm(home, { recursive: true, force: true });
    });

    test('lists and refreshes; one that cannot be reached is a warning', async () => {
      expect(await refreshRepos({ binary })).toMatchObject([{ level: 'note', message: expect.stringContaining('knows no repository') }]);
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await promisify(execFile)(binary, ['repo', 'add', 'ours', url]);
      expect(await refreshRepos({ binary })).toMatchObject([
        { id: 'helm-repos', level: 'note', object: 'helm repository ours', message: expect.stringContaining('refreshed') },
      ]);
      answers = 503;
      expect(await refreshRepos({ binary })).toMatchObject([
        { level: 'warning', object: 'helm repository ours', message: expect.stringContaining('could not be refreshed') },
      ]);
    });
  });
});
