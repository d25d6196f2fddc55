// Migrations as a step, on the sandbox.
import { formatOutcome, type RolloutEvent, Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { kubernetes } from '../index.js';
import type { Deployment } from '../objects.js';
import type { Job } from './job.js';

let sandbox: Sandbox;
let somebody: Person;
const jobs = '/apis/batch/v1/namespaces/shop/jobs';
const checks = standard({ quiet: '0s' });

const manifest = (image: string, spec: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate' },
  spec: { template: { spec: { containers: [{ name: 'migrate', image }] } }, ...spec },
});

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`registry/web:${version}`);
  sandbox.image('registry/migrate:good', { crash: { exitCode: 0, log: 'migrated' } });
  sandbox.image('registry/migrate:bad', { crash: { exitCode: 1, log: 'password=hunter2\ncolumn exists already' } });
  sandbox.image('registry/migrate:slow', { crash: { exitCode: 0, log: 'migrated', after: '40s' } });
  somebody = person(sandbox);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

function open() {
  const platform = kubernetes(sandbox.connection);
  const shepherd = new Shepherd({ platform, extensions: [platform.job] });
  const deploy = (image: string, spec?: object) =>
    shepherd.deploy({
      app: 'shop/web',
      release: { image: 'registry/web:1.1.0' },
      checks,
      hooks: { beforeApply: [platform.job({ manifest: manifest(image, spec) as never })] },
    });
  return { platform, shepherd, deploy };
}
const made = async (): Promise<readonly Job[]> => (await somebody.send<{ readonly items: readonly Job[] }>('GET', jobs)).items;
const serving = async (): Promise<string | undefined> => (await somebody.send<Deployment>('GET', at.deployment('web'))).spec.template.spec.containers[0]?.image;

describe('a migration before the new version', () => {
  test('runs once, to its end, before a pod of the new version is there', async () => {
    const { shepherd, deploy } = open();
    const rollout = deploy('registry/migrate:slow');
    const said: string[] = [];
    for await (const event of rollout) {
      if (event.type === 'step-start') said.push(event.text);
      if (event.type === 'step-progress' && event.message.startsWith('Job ')) expect(await serving()).toBe('registry/web:1.0.0');
    }
    const outcome = await rollout.outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(said[0]).toBe('shepherd/job');
    const all = await made();
    expect(all.map(({ metadata, spec }) => [metadata.name.replace(/-[0-9a-f]{10}$/, ''), spec.backoffLimit, spec.activeDeadlineSeconds])).toEqual([
      ['migrate', 0, 1800],
    ]);
    await shepherd.close();
  });

  test('that fails ends the release with its log, without credentials, and nothing of the app was touched', async () => {
    const { shepherd, deploy } = open();
    const outcome = await deploy('registry/migrate:bad').outcome;
    expect(outcome).toMatchObject({
      kind: 'rolled-back',
      cause: {
        kind: 'verdict',
        verdict: { kind: 'fail', reason: expect.stringMatching(/^Job migrate-\w+ failed: .*; its log ends: password=\*\*\* \| column exists already$/) },
      },
    });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect([(await made()).length, await serving()]).toEqual([1, 'registry/web:1.0.0']);
    await shepherd.close();
  });

  test.each(['before it is made', 'while it runs', 'once it is done'] as const)(
    'is not run again by whoever takes over from a process that died %s',
    async (when) => {
      let dead = false;
      const dying: Parameters<typeof kubernetes>[0] = {
        ...sandbox.connection,
        transport: async (request: Request) => {
          const creates = request.method === 'POST' && /\/jobs(?:\?|$)/.test(request.url);
          if (creates && when === 'before it is made') dead = true;
          if (dead) return new Promise<Response>(() => undefined);
          return sandbox.connection.transport(request);
        },
        leaseMs: 15_000,
      };
      const platform = kubernetes(dying);
      const first = new Shepherd({ platform, extensions: [platform.job] });
      const release = { image: 'registry/web:1.1.0' };
      const hooks = { beforeApply: [platform.job({ manifest: manifest('registry/migrate:slow') as never })] };
      const rollout = first.deploy({ app: 'shop/web', release, checks, hooks });
      const isMoment = (event: RolloutEvent): boolean =>
        when === 'while it runs'
          ? event.type === 'step-progress' && event.message.startsWith('Job ')
          : when === 'once it is done' && event.type === 'step-end' && event.verdict.evidence?.summary.startsWith('Job ') === true;
      rollout.on('step-progress', (event) => void (dead ||= isMoment(event)));
      rollout.on('step-end', (event) => void (dead ||= isMoment(event)));
      const { clock } = sandbox.connection;
      while (!dead) await clock.sleep(500);
      await clock.sleep(60_000);
      const { shepherd } = open();
      for await (const taken of shepherd.recover()) {
        const outcome = await taken.outcome;
        expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
      }
      expect([(await made()).length, await serving()]).toEqual([1, 'registry/web:1.1.0']);
      await shepherd.close();
    },
  );

  test('that somebody deleted while it ran is not made again on a guess', async () => {
    const { shepherd, deploy } = open();
    const rollout = deploy('registry/migrate:slow');
    let name: string | undefined;
    rollout.on('step-progress', async ({ message }) => {
      if (name !== undefined || !message.includes('1 pods run')) return;
      name = (await made())[0]?.metadata.name ?? '';
      await somebody.send('DELETE', `${jobs}/${name}`);
    });
    expect(await rollout.outcome).toMatchObject({
      kind: 'rolled-back',
      cause: { verdict: { reason: expect.stringContaining('was deleted, so nobody knows whether it ran') } },
    });
    await shepherd.close();
  });

  test('that is no Job is refused', async () => {
    const { platform, shepherd } = open();
    const hooks = { beforeApply: [platform.job({ manifest: { kind: 'Pod', metadata: {} } as never })] };
    const outcome = await shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:1.1.0' }, checks, hooks }).outcome;
    expect(JSON.stringify(outcome)).toMatch(/manifest\.kind/);
    expect([(await made()).length, await serving()]).toEqual([0, 'registry/web:1.0.0']);
    await shepherd.close();
  });
});
