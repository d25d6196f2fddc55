import { type Exec, type ExecCommand, type ExecReply, type PortContext, type TrackName, toMs, withDeadline } from '@shepherd/core';
import { ExecChannels } from '../api/exec-channels.js';
import { KubeError } from '../api/index.js';
import type { SocketOptions } from '../api/kube-api.js';
import { type Cluster, translated } from '../cluster.js';
import { type Pod, paths } from '../objects.js';
import { redact } from '../ready/redact.js';
import { readWorkload, type Workload } from '../workload.js';
import { podsOf, servingContainer } from './pod-http.js';

/** v5 alone can close an input, which is never opened; who does not know it answers with v4. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const lookMs = 5_000;

/** Runs a command in one ready pod of a track, by the API server's exec over a WebSocket. */
export const podExec =
  (cluster: Cluster, context: PortContext): Exec =>
  (track, asked) =>
    translated(context, `run ${asked.command[0]} in a pod of ${context.app.name}`, async () => {
      const workload = await readWorkload(cluster.at(context), context.app, context.signal);
      const pod = await readyPod(cluster, context, workload, track);
      return pod === undefined ? undefined : run(cluster, context, { workload, pod }, asked);
    });

/** The newest that is ready: it runs what is asked about, and no order of names picks a sick one (GC X19). */
async function readyPod(cluster: Cluster, context: PortContext, workload: Workload, track: TrackName): Promise<Pod | undefined> {
  const pods = await podsOf(cluster, context, workload, track);
  const born = ({ metadata }: Pod): string => metadata.creationTimestamp ?? '';
  return pods
    .filter(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    .toSorted((a, b) => (born(a) > born(b) ? -1 : 1))[0];
}

interface Place {
  readonly workload: Workload;
  readonly pod: Pod;
}

async function run(
  cluster: Cluster,
  context: PortContext,
  { workload, pod }: Place,
  { command, container: named, timeout = '10s' }: ExecCommand,
): Promise<ExecReply> {
  const { containers } = pod.spec;
  const settings = cluster.app(context.app);
  const port = settings.port ?? workload.services[0]?.spec.ports?.[0]?.targetPort;
  const container = named ?? servingContainer(containers, context.app.name, settings, port)?.name ?? '';
  const at = { pod: pod.metadata.name, container };
  const known = containers.map(({ name }) => name);
  if (!known.includes(container)) return { ...at, ...silent, kind: 'not-started', reason: `the pod has no such container, it has ${known.join(', ')}` };
  const query = [...command.map((part) => ['command', part] as const), ['container', container], ['stdout', 'true'], ['stderr', 'true']] as const;
  const seen = new ExecChannels();
  const ms = toMs(timeout);
  const late = new Error(`not within ${timeout}`);
  try {
    const why = await withDeadline({ clock: context.clock, ms, signals: [context.signal], onTimeout: () => late }, (signal) =>
      listen(cluster, `${paths.pods(workload.namespace, pod.metadata.name)}/exec`, { query, protocols, signal }, seen),
    );
    const ending = ended(seen, why);
    const gone = couldBeKilled(ending) && (await isGoing(cluster, context, pod));
    return { ...at, ...printed(seen), ...(gone ? { kind: 'pod-gone' as const, reason: 'it was taken away, and what ran in it killed' } : ending) };
  } catch (error) {
    if (error === late) return { ...at, ...printed(seen), kind: 'timed-out', afterMs: ms };
    return { ...at, ...silent, ...refused(error) };
  }
}

/** Hears the command to its end, or to the end of the connection. @returns why that ended */
async function listen({ api }: Cluster, path: string, options: SocketOptions, seen: ExecChannels): Promise<string> {
  const socket = await api.socket(path, options);
  try {
    for await (const message of socket.messages) {
      seen.add(message);
      if (seen.end !== undefined) break;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    socket.close();
    options.signal.throwIfAborted();
  }
  return 'it was closed without a word';
}

const silent = { stdout: '', stderr: '', cut: false } as const;

/** Line by line, as logs are. */
const printed = ({ stdout, stderr }: ExecChannels): Pick<ExecReply, 'stdout' | 'stderr' | 'cut'> => ({
  stdout: redact(stdout.text),
  stderr: redact(stderr.text),
  cut: stdout.cut || stderr.cut,
});

type Ending = { readonly kind: 'ended'; readonly exitCode: number } | { readonly kind: 'not-started' | 'pod-gone' | 'broken'; readonly reason: string };

function ended({ end }: ExecChannels, why: string): Ending {
  if (end === undefined) return { kind: 'broken', reason: why };
  if (end.kind === 'ended') return end;
  const reason = redact(end.message);
  if (end.kind === 'unknown') return { kind: 'broken', reason };
  return { kind: !noProgram.test(reason) && gone.test(reason) ? 'pod-gone' : 'not-started', reason: startReason(reason) };
}

const noProgram = /executable file not found|no such file or directory|permission denied|exec format error/i;
/** What runtimes and the kubelet say of a container or pod that is not there any more. */
const gone = /container not found|(?:container|task|pod) .*(?:not running|not found|does not exist)|is in stopped state|cannot exec in a (?:stopped|deleted)/i;

/** Runtimes wrap it in the words of each layer; the innermost is what helps. */
const startReason = (text: string): string => /exec: ("[^"]*": .*?)(?:: unknown)?$/.exec(text)?.[1] ?? text;

/** A signal ended it (128 and its number), or the connection ended with it. */
const couldBeKilled = (ending: Ending): boolean => ending.kind === 'broken' || (ending.kind === 'ended' && ending.exitCode > 128);

/**
 * Whether somebody takes the pod away, which kills what runs in it: nothing that a command could be blamed for. By a list, since who asks checks may list pods and need not
 * get them; what cannot be read soon is not known to be.
 */
async function isGoing({ api }: Cluster, { app, signal }: PortContext, { metadata: { name, uid } }: Pod): Promise<boolean> {
  try {
    const { items } = await api.list<Pod>(paths.pods(app.namespace), { signal, timeoutMs: lookMs, query: { fieldSelector: `metadata.name=${name}` } });
    const now = items.find(({ metadata }) => metadata.uid === uid);
    return now === undefined || now.metadata.deletionTimestamp !== undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!KubeError.is(error)) throw error;
    return false;
  }
}

/** What the API server answered in place of a connection. @throws what is no answer about this pod */
function refused(error: unknown): Ending {
  if (!KubeError.is(error)) throw error;
  if (error.status === 404 && error.details.name !== undefined) return { kind: 'pod-gone', reason: 'the API server knows it no more' };
  if (error.status === 400 || error.status === 500)
    return gone.test(error.message) ? { kind: 'pod-gone', reason: error.message } : { kind: 'not-started', reason: error.message };
  throw error;
}
