import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PortContext, systemClock } from '@shepherd/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HelmClient } from './helm-client.js';

let folder: string;
let binary: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-helm-'));
  binary = join(folder, 'helm');
  // Says which version it is, and otherwise what it was started with.
  await writeFile(binary, '#!/bin/sh\nif [ "$1" = version ]; then echo v3.20.2; else env; fi\n');
  await chmod(binary, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

const context = (trace?: PortContext['trace']): PortContext => ({
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: 'one',
  signal: new AbortController().signal,
  clock: systemClock,
  ...(trace === undefined ? {} : { trace }),
});

test('helm gets the trace context of the step that it works for, in place of the one of this process', async () => {
  const before = process.env['TRACEPARENT'];
  process.env['TRACEPARENT'] = 'of-the-process';
  try {
    const client = new HelmClient({ childEnv: async () => ({ KUBECONFIG: '/of/the/platform' }) }, binary);
    const call = { command: ['status'], release: 'web', operands: ['web'] };
    expect(await client.run(context(), call)).toContain('TRACEPARENT=of-the-process\n');
    const env = await client.run(context({ TRACEPARENT: 'of-the-step', BAGGAGE: 'team=shop' }), call);
    expect(env).toMatch(/^TRACEPARENT=of-the-step$/m);
    expect(env).toMatch(/^BAGGAGE=team=shop$/m);
    expect(env).toMatch(/^KUBECONFIG=\/of\/the\/platform$/m);
  } finally {
    if (before === undefined) delete process.env['TRACEPARENT'];
    else process.env['TRACEPARENT'] = before;
  }
});
