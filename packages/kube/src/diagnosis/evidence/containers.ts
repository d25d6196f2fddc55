import type { EvidenceOf } from '@shepherd/core';
import type { Container, ContainerStatus, Probe } from '../../objects.js';
import { redact } from '../../ready/redact.js';
import type { Commands } from '../commands.js';
import { nameOf, type OwnPod, ownPods, secondsSince, type World } from './world.js';

/** All containers of the app's pods, init containers too (KC DG-3). Pure. */
export const containerEvidence = (world: World): readonly EvidenceOf<'container'>[] =>
  ownPods(world).flatMap((own) => {
    const { spec, status } = own.pod;
    const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    return statuses.flatMap((each) => {
      const container = [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === each.name);
      return container === undefined ? [] : [evidenceOf(own, container, each, world.commands, world.now)];
    });
  });

function evidenceOf({ pod, current }: OwnPod, container: Container, status: ContainerStatus, commands: Commands, now: Date): EvidenceOf<'container'> {
  const { waiting, running, terminated } = status.state ?? {};
  const ended = terminated ?? status.lastState?.terminated;
  const { readinessProbe, livenessProbe } = container;
  const port = portOf(container, readinessProbe ?? livenessProbe);
  const reason = waiting?.reason ?? terminated?.reason;
  const message = waiting?.message ?? terminated?.message;
  return {
    source: 'container',
    object: `Pod ${nameOf(pod)}`,
    check: commands.describe('pod', nameOf(pod)),
    data: {
      pod: nameOf(pod),
      name: container.name,
      current,
      ready: status.ready === true,
      image: container.image ?? '',
      state: running !== undefined ? 'running' : terminated !== undefined ? 'terminated' : 'waiting',
      restarts: status.restartCount ?? 0,
      ports: (container.ports ?? []).flatMap(({ name, containerPort }) => [String(containerPort), ...(name === undefined ? [] : [name])]),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message: redact(message) }),
      ...(running?.startedAt === undefined ? {} : { age: secondsSince(running.startedAt, now) }),
      ...(ended === undefined
        ? {}
        : { endedCode: ended.exitCode, endedReason: ended.reason ?? 'Error', ...(ended.message === undefined ? {} : { endedMessage: redact(ended.message) }) }),
      ...(container.resources?.limits?.['memory'] === undefined ? {} : { memoryLimit: container.resources.limits['memory'] }),
      ...(readinessProbe === undefined ? {} : { probe: probeText(container, readinessProbe) }),
      ...(livenessProbe === undefined ? {} : { liveness: probeText(container, livenessProbe) }),
      ...(port === undefined ? {} : { probePort: port }),
      startup: startupOf(container),
    },
  };
}

/** The number of the port that a probe asks; a name that no port of the container has stays one. */
export function portOf({ ports = [] }: Container, probe: Probe | undefined): string | undefined {
  const asked = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
  if (asked === undefined) return undefined;
  return String(ports.find(({ name }) => name === asked)?.containerPort ?? asked);
}

function probeText(container: Container, probe: Probe): string {
  const port = portOf(container, probe);
  if (probe.httpGet !== undefined) return `GET :${port}${probe.httpGet.path ?? '/'}`;
  if (probe.tcpSocket !== undefined) return `TCP :${port}`;
  return probe.exec === undefined ? '' : redact(`exec ${(probe.exec.command ?? []).join(' ')}`).slice(0, 100);
}

const spanOf = ({ initialDelaySeconds = 0, failureThreshold = 3, periodSeconds = 10, timeoutSeconds = 1 }: Probe): number =>
  initialDelaySeconds + failureThreshold * periodSeconds + timeoutSeconds;

/** Until then a readiness probe that fails says nothing (KC 8). */
const startupOf = ({ startupProbe, readinessProbe }: Container): number =>
  (startupProbe === undefined ? 0 : spanOf(startupProbe)) + (readinessProbe === undefined ? 0 : spanOf(readinessProbe));

/** Containers whose log tells why: those that are not well, else one that is. */
export function talkers(containers: readonly EvidenceOf<'container'>[]): readonly EvidenceOf<'container'>[] {
  const told = containers
    .filter(({ data }) => !data.ready && (data.state === 'running' || data.endedCode !== undefined))
    .toSorted((a, b) => Number(b.data.current) - Number(a.data.current));
  return told.length > 0 ? told.slice(0, 3) : containers.filter(({ data }) => data.ready && data.state === 'running').slice(0, 1);
}
