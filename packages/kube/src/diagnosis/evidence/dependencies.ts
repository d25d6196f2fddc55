import type { Dependency, EvidenceOf } from '@shepherd/core';
import { KubeError } from '../../api/index.js';
import { type EndpointSlice, paths, type Service } from '../../objects.js';
import { redact } from '../../ready/redact.js';
import type { Reads } from '../reads.js';
import { askPort, isStatus, proxyPath } from './answers.js';
import { isReachable } from './outside.js';
import { isLeaving, isReady, nameOf, ownPods, type World } from './world.js';

type Answer = 'ok' | 'failed' | 'unknown';

interface Found {
  readonly dns: Answer;
  readonly tcp: Answer;
  readonly said?: string | undefined;
  readonly from: string;
  readonly check: string;
}

/** A name that the cluster itself answers: `mongodb`, `mongodb.data`, `mongodb.data.svc…`, with a pod's name before it. Pure. */
export function clusterName(
  host: string,
  namespace: string,
): { readonly service: string; readonly namespace: string; readonly pod: string | undefined } | undefined {
  if (/^[\d.]+$|:/.test(host)) return undefined;
  const bare = host.replace(/\.svc(?:\.[\w.-]+)?\.?$/, '');
  const parts = bare.split('.');
  if (bare !== host) {
    const [service, space, ...more] = parts.length === 3 ? [parts[1], parts[2]] : parts;
    if (service === undefined || space === undefined || more.length > 0) return undefined;
    return { service, namespace: space, pod: parts.length === 3 ? parts[0] : undefined };
  }
  if (parts.length === 1) return { service: host, namespace, pod: undefined };
  return undefined;
}

/** Every declared dependency: is its name known, does its port answer, may the app log in. */
export const dependencyEvidence = (reads: Reads, world: World, dependencies: readonly Dependency[]): Promise<readonly EvidenceOf<'dependency'>[]> =>
  Promise.all(
    dependencies.map(async ({ name, address, auth }): Promise<EvidenceOf<'dependency'>> => {
      const [found, login] = await Promise.all([
        reads.attempt<Found>(
          `dependency ${name}`,
          'get services',
          { dns: 'unknown', tcp: 'unknown', from: 'nowhere', check: `kubectl get services` },
          (signal) => reach(reads, world, address, signal),
        ),
        auth === undefined ? undefined : askLogin(reads, world, name, auth),
      ]);
      const { dns, tcp, from, check } = found;
      const answer = login?.answer ?? 'unknown';
      // Whoever is not there lets nobody in.
      const isOwn = dns === 'ok' && tcp !== 'failed' && login !== undefined;
      const said = found.said ?? (isOwn ? login.said : undefined);
      return {
        source: 'dependency',
        object: `Dependency ${name}`,
        check: isOwn && answer === 'failed' ? login.check : check,
        data: { name, address, dns, tcp, auth: dns === 'failed' || tcp === 'failed' ? 'unknown' : answer, from, ...(said === undefined ? {} : { said }) },
      };
    }),
  );

async function reach(reads: Reads, world: World, address: string, signal: AbortSignal): Promise<Found> {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), address.slice(colon + 1)];
  const inside = clusterName(host, world.app.namespace);
  if (inside === undefined) return { ...(await isReachable(host, Number(port), signal)), from: 'this machine', check: `nc -vz ${host} ${port}` };
  const { service, namespace, pod } = inside;
  const check = `kubectl get service,endpointslices -n ${namespace} -l kubernetes.io/service-name=${service}`;
  const base = { from: 'the cluster', check };
  const { cluster } = reads;
  const object = await cluster.api.get<Service>(paths.services(namespace, service), { signal }).catch((error: unknown) => {
    if (KubeError.is(error, 404)) return undefined;
    throw error;
  });
  if (object === undefined) return { ...base, dns: 'failed', tcp: 'unknown', said: `namespace ${namespace} has no Service ${service}` };
  const { items } = await cluster.api.list<EndpointSlice>(paths.endpointSlices(namespace), {
    signal,
    query: { labelSelector: `kubernetes.io/service-name=${service}` },
  });
  const endpoints = items.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => ({ ...endpoint, ports: slice.ports ?? [] })));
  const meant = pod === undefined ? endpoints : endpoints.filter(({ targetRef }) => targetRef?.name === pod);
  if (pod !== undefined && meant.length === 0) return { ...base, dns: 'failed', tcp: 'unknown', said: `Service ${service} has no pod ${pod}` };
  const ready = meant.filter(({ conditions }) => conditions?.ready === true);
  const [first] = ready;
  if (first === undefined) return { ...base, dns: 'ok', tcp: 'failed', said: `Service ${service} has ${meant.length} pods, none of them ready` };
  const behind = targetPort(object, Number(port), first.ports);
  if (behind === undefined) return { ...base, dns: 'ok', tcp: 'failed', said: `Service ${service} has no port ${port}` };
  if (first.targetRef?.name === undefined) return { ...base, dns: 'ok', tcp: 'unknown' };
  const answer = await askPort(reads, namespace, first.targetRef.name, String(behind), '/', signal);
  const tcp: Answer = answer.open === undefined ? 'unknown' : answer.open ? 'ok' : 'failed';
  return { ...base, dns: 'ok', tcp, ...(tcp === 'failed' ? { said: `port ${behind} of pod ${first.targetRef.name}: ${answer.said}` } : {}) };
}

/** Where the pods of a Service are asked: of a headless one any port goes straight through. */
function targetPort({ spec }: Service, port: number, ports: NonNullable<EndpointSlice['ports']>): number | undefined {
  const own = spec.ports?.find((each) => each.port === port);
  if (own === undefined) return (spec as { readonly clusterIP?: string }).clusterIP === 'None' ? port : undefined;
  return ports?.find(({ name }) => (name ?? '') === (own.name ?? ''))?.port ?? port;
}

async function askLogin(
  reads: Reads,
  world: World,
  name: string,
  path: string,
): Promise<{ readonly answer: Answer; readonly said: string | undefined; readonly check: string }> {
  const { app, commands } = world;
  const running = ownPods(world).filter(({ pod }) => !isLeaving(pod) && pod.status?.phase === 'Running');
  const asked = (running.find(({ current, pod }) => current && isReady(pod)) ?? running.find(({ current }) => current) ?? running[0])?.pod;
  const port = asked?.spec.containers.flatMap(({ ports }) => ports ?? [])[0]?.containerPort;
  if (asked === undefined || port === undefined) return { answer: 'unknown', said: undefined, check: commands.raw(path) };
  const check = commands.raw(`${proxyPath(app.namespace, nameOf(asked), String(port))}${path}`);
  const found = await reads.attempt(`login of ${name}`, 'get pods/proxy', undefined, async (signal) => {
    const { status, text } = await reads.cluster.api.raw('GET', `${proxyPath(app.namespace, nameOf(asked), String(port))}${path}`, { signal });
    if (status === 403 && isStatus(text))
      throw new KubeError({ method: 'GET', path: proxyPath(app.namespace, nameOf(asked), String(port)) }, 'not allowed', { status, reason: 'Forbidden' });
    return { status, text };
  });
  if (found === undefined) return { answer: 'unknown', said: undefined, check };
  const isAnswer = !isStatus(found.text) && !found.text.startsWith('error trying to reach service');
  const answer: Answer = found.status >= 200 && found.status < 300 ? 'ok' : isAnswer ? 'failed' : 'unknown';
  return {
    answer,
    said: answer === 'failed' ? `Pod ${nameOf(asked)} answers ${found.status} at ${path}: ${redact(found.text).trim().slice(0, 200)}` : undefined,
    check,
  };
}
