import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { ageColumn, type Column, labelsText, nameColumn, none, selectorText, text, wide } from './column.js';

const shorten = (items: readonly string[], max = 3): string =>
  items.length === 0 ? none : items.length > max ? `${items.slice(0, max).join(',')} + ${items.length - max} more...` : items.join(',');

function externalIp({ spec, status }: KubeObject): string {
  const own: string[] = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName;
  if (spec.type !== 'LoadBalancer') return own.join(',') || none;
  const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }: Wire) => ip ?? hostname);
  return [...given, ...own].join(',') || '<pending>';
}

const portText = ({ port, nodePort, protocol = 'TCP' }: Wire): string => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`;

export const serviceColumns: readonly Column[] = [
  nameColumn,
  text('Type', ({ spec }) => spec.type),
  text('Cluster-IP', ({ spec }) => spec.clusterIPs?.[0] ?? spec.clusterIP ?? none),
  text('External-IP', externalIp),
  text('Port(s)', ({ spec }) => (spec.ports ?? []).map(portText).join(',') || none),
  ageColumn,
  wide('Selector', ({ spec }) => labelsText(spec.selector)),
];

function endpointsText({ subsets }: KubeObject): string {
  const all = (subsets ?? []).flatMap(({ addresses = [], ports = [] }: Wire) =>
    ports.length === 0 ? addresses.map(({ ip }: Wire) => ip) : ports.flatMap(({ port }: Wire) => addresses.map(({ ip }: Wire) => `${ip}:${port}`)),
  );
  return shorten(all);
}

export const endpointsColumns: readonly Column[] = [nameColumn, text('Endpoints', endpointsText), ageColumn];

const slicePorts = ({ ports }: KubeObject): string =>
  (ports ?? []).length === 0 ? '<unset>' : shorten(ports.map(({ port, name }: Wire) => (port === undefined ? (name ? `${name}=*` : '*') : String(port))));

export const endpointSliceColumns: readonly Column[] = [
  nameColumn,
  text('AddressType', ({ addressType }) => addressType),
  text('Ports', slicePorts),
  text('Endpoints', ({ endpoints }) => {
    const all = (endpoints ?? []).flatMap(({ addresses }: Wire) => addresses ?? []);
    return all.length === 0 ? '<unset>' : shorten(all);
  }),
  ageColumn,
];

export const ingressColumns: readonly Column[] = [
  nameColumn,
  text('Class', ({ spec }) => spec?.ingressClassName ?? none),
  text('Hosts', ({ spec }) => shorten((spec?.rules ?? []).flatMap(({ host }: Wire) => host ?? [])).replace(none, '*')),
  text('Address', ({ status }) => (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }: Wire) => ip ?? hostname).join(',')),
  text('Ports', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
  ageColumn,
];

export const networkPolicyColumns: readonly Column[] = [nameColumn, text('Pod-Selector', ({ spec }) => selectorText(spec?.podSelector)), ageColumn];
