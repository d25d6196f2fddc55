import { BlueGreen, Shepherd } from '@shepherd/core';
import { type PodChange, readNotes, watchPods } from '@shepherd/core/diagnosis';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { type KubeRelease, kubernetes } from '../index.js';

async function scene(): Promise<{ sandbox: Sandbox; shepherd: Shepherd<KubeRelease> }> {
  const sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`registry/web:${version}`);
  sandbox.image('registry/web:6.6.6', { crash: { exitCode: 3, log: 'no DATABASE_URL' } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 2 });
  await sandbox.install({ name: 'web-api', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 2 });
  return { sandbox, shepherd: new Shepherd({ platform: kubernetes({ ...sandbox.connection, namespace: 'shop' }) }) };
}

const said = (change: PodChange): string =>
  change.kind === 'went' ? `${change.before.track} went` : `${change.pod.track} ${change.pod.images} ${change.pod.state}`;

test('the pods of both colours are seen to come, run and go, and nobody else', async () => {
  const { sandbox, shepherd } = await scene();
  const seen: PodChange[] = [];
  const gone = (): number => seen.filter((change) => said(change) === 'candidate went').length;
  const watching = (async () => {
    for await (const changes of watchPods(shepherd, 'web')) {
      seen.push(...changes);
      if (gone() === 2) return;
    }
  })();
  const strategy = new BlueGreen({ soak: '10s', analysis: false });
  const outcome = await shepherd.deploy({ app: 'web', release: { image: 'registry/web:1.1.0' }, strategy }).outcome;
  await watching;
  expect(outcome.kind).toBe('succeeded');
  expect(seen.slice(0, 2).map(said)).toEqual(['stable registry/web:1.0.0 Running', 'stable registry/web:1.0.0 Running']);
  expect(seen.map(said)).toEqual(
    expect.arrayContaining(['candidate registry/web:1.1.0 Running', 'stable registry/web:1.1.0 Running', 'stable went', 'candidate went']),
  );
  expect(new Set(seen.map((change) => (change.kind === 'went' ? change.before : change.pod).workload))).toEqual(new Set(['web', 'web-candidate']));
  await shepherd.close();
  await sandbox[Symbol.asyncDispose]();
});

test('events of the last rollout tell of the crash, those of before and of others do not come', async () => {
  const { sandbox, shepherd } = await scene();
  const outcome = await shepherd.deploy({ app: 'web', release: { image: 'registry/web:6.6.6' } }).outcome;
  expect(outcome.kind).toBe('rolled-back');
  const notes = await readNotes(shepherd, 'web');
  expect(notes.some(({ reason, level }) => reason === 'BackOff' && level === 'warning')).toBe(true);
  expect(notes.every(({ object, at }) => /^(Deployment web|ReplicaSet web-|Pod web-)(?!api)/.test(object) && at >= outcome.startedAt.slice(0, 19))).toBe(true);
  expect(notes.map(({ at }) => at)).toEqual(notes.map(({ at }) => at).toSorted());
  const later = new Date(Date.parse(outcome.startedAt) + 3_600_000).toISOString();
  expect(await readNotes(shepherd, 'web', { since: later })).toEqual([]);
  await shepherd.close();
  await sandbox[Symbol.asyncDispose]();
});
