import { once } from 'node:events';
import { type Outcome, type Rollout, type RolloutEvent, Shepherd } from '@shepherd/core';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { type KubeObject, type Traffic, underLoad } from '../../lab/index.js';
import type { ApiCall } from '../api-call.js';
import { finalState } from '../final-state.js';
import { forkSource } from '../fork-source.js';
import type { Ended } from '../judge.js';
import { lockedUntil, revisionOf } from '../objects.js';
import { type KillProxy, openKillProxy } from './kill-proxy.js';
import type { Place } from './place.js';
import type { RealPoint } from './real-point.js';
import { type ChildNews, type ChildOrder, requestOf } from './request.js';
import { listOf, pathOf, snapshot } from './snapshot.js';
import type { Strain } from './strain.js';

export interface RealPlayed extends Ended {
  /** How the first process ended: killed, done, or with a rollout that it did not bring to its end (it lost the lock, for want of a processor). */
  readonly first: 'killed' | 'done' | 'left';
  readonly calls: readonly ApiCall[];
  readonly traffic: Traffic;
  /** From when the dead runner's lock may be taken until the rollout goes on; undefined where nothing was left to go on with. */
  readonly resumedMs: number | undefined;
  /** Of whoever served the requests. */
  readonly strain: Strain | undefined;
}

/** Without a kill it is the undisturbed run. */
export type RealRun = Omit<RealPoint, 'kill'> & { readonly kill: RealPoint['kill'] | undefined };

const patienceMs = 180_000;

/** Releases under load by a process that is killed, and goes on from this one. */
export async function playReal(place: Place, run: RealRun): Promise<RealPlayed> {
  const pods = countPods(place);
  const { result, traffic } = await underLoad(place.url, () => releaseAndGoOn(place, run), { rate: 40, beforeMs: 300, afterMs: 1_500 });
  const strain = await place.strain();
  const started = await pods.stop();
  return { ...result, started, traffic, strain, state: finalState(await settled(place)) };
}

async function releaseAndGoOn(place: Place, run: RealRun): Promise<Omit<RealPlayed, 'traffic' | 'started' | 'state' | 'strain'>> {
  const { first, published, proxy } = await releaseInChild(place, run);
  await using _ = proxy;
  const lockedUntilMs = lockedUntil(await listOf(place.api, 'leases.coordination.k8s.io', place.namespace));
  const second: RolloutEvent[] = [];
  if (first !== 'done') await goOn(place, run, second);
  await using reader = shepherdAt(place, place.api.url, run.leaseMs, 'reader');
  const rollout = await reader.get('web');
  const events: RolloutEvent[] = [];
  for await (const event of rollout) if (!event.transient) events.push(event);
  const takeover = second.filter(({ type }) => type === 'driver-change')[1];
  return {
    first,
    calls: proxy.calls,
    published: [published, second],
    events,
    outcome: await rollout.outcome,
    resumedMs: takeover === undefined ? undefined : Date.parse(takeover.at) - lockedUntilMs,
  };
}

/** Resolves when the child is dead or done. */
async function releaseInChild(
  place: Place,
  { kill, leaseMs, scenario }: RealRun,
): Promise<{ first: RealPlayed['first']; published: RolloutEvent[]; proxy: KillProxy }> {
  const child = forkSource(new URL('./release-child.ts', import.meta.url));
  const ended = once(child, 'exit');
  const published: RolloutEvent[] = [];
  let outcome: Outcome | undefined;
  child.on('message', (news: ChildNews) => {
    if (news.kind === 'event') published.push(news.event);
    else outcome = news.outcome;
  });
  const proxy = await openKillProxy(place.api.url, kill, () => void child.kill('SIGKILL'));
  child.send({ kubeconfig: kubeconfigOf(proxy.url, place.namespace), namespace: place.namespace, leaseMs, scenario } satisfies ChildOrder);
  // One that neither ends nor comes to its call is ended here: the bench ends by itself whatever its runners do.
  const patience = setTimeout(() => child.kill('SIGTERM'), patienceMs);
  await ended;
  clearTimeout(patience);
  if (child.signalCode !== 'SIGKILL' && child.exitCode !== 0)
    throw new Error(`the runner ended by itself [code=${child.exitCode}, signal=${child.signalCode}]`);
  const first = child.signalCode === 'SIGKILL' ? 'killed' : isOver(outcome) ? 'done' : 'left';
  return { first, published, proxy };
}

/** One that lost its lock before its first write touched nothing: somebody has to release again. */
const isOver = (outcome: Outcome | undefined): boolean => outcome?.final === true && outcome.kind !== 'failed-untouched';

/** What was left is driven on; where nothing had begun, it is deployed again. Whoever loses the lock meanwhile, for want of a processor, takes it again. */
async function goOn(place: Place, { leaseMs, scenario }: RealRun, heard: RolloutEvent[]): Promise<void> {
  await using shepherd = shepherdAt(place, place.api.url, leaseMs, 'second');
  const signal = AbortSignal.timeout(patienceMs);
  const listen = async (rollout: Rollout): Promise<void> => {
    for await (const event of rollout.events({ signal })) if (!event.transient) heard.push(event);
    await rollout.outcome;
  };
  while (!signal.aborted) {
    const { rollout: left } = await shepherd.status('web');
    if (left?.now.kind === 'ended') return;
    if (left === undefined) await listen(shepherd.deploy(requestOf(scenario), { ifRunning: 'wait', signal }));
    else {
      for await (const rollout of shepherd.recover({ follow: true, namespaces: [place.namespace], signal })) {
        await listen(rollout);
        break;
      }
    }
  }
  throw new Error(`nobody brought it to its end within ${patienceMs / 1_000} s`);
}

const shepherdAt = ({ namespace }: Place, url: string, leaseMs: number, name: string): Shepherd<KubeRelease> =>
  new Shepherd({ platform: kubernetes({ kubeconfig: kubeconfigOf(url, namespace), namespace, leaseMs }), actor: { name, kind: 'ci' } });

const kubeconfigOf = (server: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'here', cluster: { server } }],
    users: [{ name: 'here', user: {} }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'here', namespace } }],
    'current-context': 'here',
  });

/** Counts the pods that are started from now on. */
function countPods({ api, namespace }: Place): { stop(): Promise<Readonly<Record<string, number>>> } {
  const stopping = new AbortController();
  const uids = new Map<string, KubeObject>();
  const before = listOf(api, 'pods', namespace);
  const watching = api.watch(pathOf('pods', namespace), ({ object }) => void uids.set(object.metadata.uid, object), stopping.signal);
  watching.catch(() => undefined);
  return {
    async stop() {
      stopping.abort();
      await watching;
      for (const { metadata } of await before) uids.delete(metadata.uid);
      const started: Record<string, number> = {};
      for (const pod of uids.values()) started[revisionOf(pod)] = (started[revisionOf(pod)] ?? 0) + 1;
      return started;
    },
  };
}

/** When the pods that were told to go have gone, and a lock that nobody gave back has run out. */
async function settled({ api, namespace }: Place): Promise<Awaited<ReturnType<typeof snapshot>>> {
  for (const until = performance.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const found = await snapshot(api, namespace);
    const going = found.list('pods').some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    const locked = lockedUntil(found.list('leases.coordination.k8s.io')) > found.now.getTime();
    if ((!going && !locked) || performance.now() > until) return found;
  }
}
