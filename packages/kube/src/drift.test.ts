// People, GitOps and other tools write what a rollout works on: it says who, holds, does not fight, and loses no request by its own hand.
import {
  BlueGreen,
  Canary,
  formatOutcome,
  type Outcome,
  RollingUpdate,
  type Rollout,
  type RolloutEvent,
  Shepherd,
  type Strategy,
  type Transport,
} from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { at, type Person, person } from './__fixtures__/person.js';
import { kubernetes } from './index.js';
import type { Deployment, Pod, Service } from './objects.js';

// An hour that nobody answers, under load, is a few seconds of work.
vi.setConfig({ testTimeout: 60_000 });

let sandbox: Sandbox;
let somebody: Person;

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0', '2.0.0', '6.6.6']) sandbox.image(`registry/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 4 });
  somebody = person(sandbox);
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const blueGreen = (): Strategy => new BlueGreen({ soak: '20s' });
const canary = (): Strategy => new Canary({ stages: [50, 100], interval: '20s', analysis: false });
const checks = standard({ quiet: '0s' });

interface World {
  readonly rollout: Rollout;
  readonly events: readonly RolloutEvent[];
}

type Moment = (event: RolloutEvent) => boolean;
const step =
  (kind: string, nth = 1): Moment =>
  (event) => {
    if (event.type !== 'step-start' || event.step.kind !== kind) return false;
    seen.set(event.rolloutId + kind, (seen.get(event.rolloutId + kind) ?? 0) + 1);
    return seen.get(event.rolloutId + kind) === nth;
  };
const seen = new Map<string, number>();
const paused: Moment = ({ type }) => type === 'pause-start';

/** Releases 2.0.0 under load; at each moment, in order, something is done. */
async function release(
  strategy: Strategy,
  script: readonly (readonly [Moment, (world: World) => unknown])[],
  transport: Transport = sandbox.connection.transport,
): Promise<{ outcome: Outcome; events: readonly RolloutEvent[]; failed: number; reasons: readonly string[]; web: Deployment; service: Service }> {
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, transport }) });
  const load = sandbox.load('shop/web', { rate: 5 });
  const events: RolloutEvent[] = [];
  const rollout = shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:2.0.0', preStopSleep: '5s' }, strategy, checks, drain: '5s' });
  const queue = [...script];
  for await (const event of rollout) {
    if (!event.transient) events.push(event);
    const [next] = queue;
    if (next?.[0](event)) {
      queue.shift();
      await next[1]({ rollout, events });
    }
  }
  const outcome = await rollout.outcome;
  const { failed } = await load.stop();
  expect(queue, `not reached; ${formatOutcome(outcome)}`).toEqual([]);
  const reasons = events.flatMap((event) => (event.type === 'pause-start' ? [event.reason] : []));
  const [web, service] = await Promise.all([somebody.send<Deployment>('GET', at.deployment('web')), somebody.send<Service>('GET', at.service('web'))]);
  return { outcome, events, failed, reasons, web, service };
}

async function readyPods(): Promise<number> {
  const { items } = await somebody.send<{ readonly items: readonly Pod[] }>('GET', at.pods);
  return items.filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  ).length;
}

const imageOf = ({ spec }: Deployment): string | undefined => spec.template.spec.containers[0]?.image;
const resume = ({ rollout }: World): Promise<void> => rollout.resume();
const abort = ({ rollout }: World): Promise<void> => rollout.abort({ reason: 'theirs stays' });

describe.each([
  ['blue-green', blueGreen],
  ['canary', canary],
] as const)('%s', (_name, strategy) => {
  test('an image set by a person: who and which field; resume takes ours', async () => {
    const { outcome, failed, reasons, web } = await release(strategy(), [
      [step('analyse'), () => somebody.setImage('web', 'registry/web:1.1.0')],
      [paused, resume],
    ]);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/Deployment web: its pod template was changed \(spec\.template\.spec\.containers\[web\]\.image\) by kubectl-set at \d{4}-/);
    expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:2.0.0', failed: 0 });
  });

  test('an image set by a person, then abort: taken back, and theirs stays', async () => {
    const { outcome, failed, web } = await release(strategy(), [
      [step('analyse'), () => somebody.setImage('web', 'registry/web:1.1.0')],
      [paused, abort],
    ]);
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort' } });
    expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:1.1.0', failed: 0 });
  });

  test('an image set in the very moment of the promotion is not written over', async () => {
    let done = false;
    const racing: Transport = async (request) => {
      const body = request.method === 'PATCH' && request.url.includes('/deployments/web?') ? await request.clone().text() : '';
      if (!done && body.includes('/spec/template') && !request.url.includes('dryRun')) {
        done = true;
        await somebody.setImage('web', 'registry/web:1.1.0');
      }
      return sandbox.connection.transport(request);
    };
    const { outcome, reasons, web, failed } = await release(strategy(), [[paused, abort]], racing);
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect(reasons[0]).toContain('by kubectl-set');
    expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:1.1.0', failed: 0 });
  });

  test('a candidate that a person scaled: held, and set again on resume', async () => {
    const { outcome, reasons, failed } = await release(strategy(), [
      [step('analyse'), () => somebody.scale('web-candidate', 1)],
      [paused, resume],
    ]);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons[0]).toMatch(/Deployment web-candidate: it was scaled to 1, this rollout had set \d \(spec\.replicas\) by kubectl-set/);
    expect(failed).toBe(0);
  });

  test('a stable that a person paused: held until it goes on', async () => {
    const { outcome, reasons, web, failed } = await release(strategy(), [
      [step('analyse'), () => somebody.send('PATCH', at.deployment('web'), { spec: { paused: true } })],
      [paused, resume],
      [paused, async (world) => (await somebody.send('PATCH', at.deployment('web'), { spec: { paused: null } }), resume(world))],
    ]);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons).toEqual([0, 1].map(() => expect.stringContaining('Deployment web: it was paused (spec.paused) by kubectl-set')));
    expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:2.0.0', failed: 0 });
  });

  test.each(['the first', 'the last'] as const)('a candidate deleted at %s stage: everything is on stable again at once', async (stage) => {
    const nth = stage === 'the last' && strategy().kind === 'canary' ? 2 : 1;
    const { outcome, events, web, service } = await release(strategy(), [
      [step('analyse', nth), () => somebody.send('DELETE', at.deployment('web-candidate'))],
    ]);
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'step', error: { code: 'ERR_CONFLICT' } } });
    expect(service.spec.selector).toEqual({ app: 'web' });
    expect(service.metadata.annotations ?? {}).not.toHaveProperty('shepherd.dev/original-selector');
    expect({ replicas: web.spec.replicas, ready: await readyPods() }).toEqual({ replicas: 4, ready: 4 });
    expect(events.filter(({ type }) => type === 'pause-start')).toEqual([]);
  });
});

test('an image set by a person, and nobody answers for an hour: taken back, and theirs stays', async () => {
  const { outcome, failed, web } = await release(blueGreen(), [[step('analyse'), () => somebody.setImage('web', 'registry/web:1.1.0')]]);
  expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'verdict', verdict: { kind: 'inconclusive' } } });
  expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:1.1.0', failed: 0 });
});

describe('blue-green, the Service', () => {
  test('put back to stable at 100 %: held, and switched again on resume', async () => {
    const { outcome, reasons, failed } = await release(blueGreen(), [
      [step('analyse'), () => somebody.send('PATCH', at.service('web'), { spec: { selector: { app: 'web' } } })],
      [paused, resume],
    ]);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons[0]).toMatch(/Service web: its selector was changed to \{"app":"web"\} \(spec\.selector\) by kubectl-set/);
    expect(failed).toBe(0);
  });

  test('pointed elsewhere before the switch: held before any traffic is moved', async () => {
    const point = (app: string): Promise<unknown> => somebody.send('PATCH', at.service('web'), { spec: { selector: { app } } });
    const { outcome, reasons, web } = await release(blueGreen(), [
      [step('smoke'), () => point('maintenance')],
      [paused, async (world) => (await point('web'), resume(world))],
    ]);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons[0]).toContain('Service web: it does not select the app any more');
    expect(imageOf(web)).toBe('registry/web:2.0.0');
  });
});

describe('rolling', () => {
  test('an image set while pods are replaced: held; resume takes ours', async () => {
    const { outcome, reasons, web, failed } = await release(new RollingUpdate(), [
      [({ type, transient }) => type === 'step-progress' && transient, () => somebody.setImage('web', 'registry/web:1.1.0')],
      [paused, resume],
    ]);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons[0]).toContain('by kubectl-set');
    expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:2.0.0', failed: 0 });
  });

  test('the version before put back while pods are replaced: that is where it ends', async () => {
    const { outcome, web, failed } = await release(new RollingUpdate(), [
      [({ type, transient }) => type === 'step-progress' && transient, () => somebody.send('PATCH', at.deployment('web'), { spec: { template: before } })],
    ]);
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'step', error: { code: 'ERR_CONFLICT' } } });
    expect({ image: imageOf(web), failed }).toEqual({ image: 'registry/web:1.0.0', failed: 0 });
  });
  const before = { spec: { containers: [{ name: 'web', image: 'registry/web:1.0.0', lifecycle: null }] } };
});

test('a rollout that nobody disturbs holds nowhere', async () => {
  for (const strategy of [blueGreen(), canary(), new RollingUpdate()]) {
    await somebody.setImage('web', 'registry/web:1.0.0');
    const { outcome, reasons } = await release(strategy, []);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(reasons).toEqual([]);
  }
});
