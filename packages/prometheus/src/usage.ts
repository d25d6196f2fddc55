import type { Usage } from '@shepherd/core';
import type { Row } from './api/answer.js';
import { aggregate, part, partLabel, selector, union } from './promql/expression.js';
import type { AnyMatcher } from './promql/matcher.js';
import { fill } from './vocabularies/own.js';
import { podMatchers, type Selection } from './vocabularies/selection.js';

/**
 * What the pods use, asked in one's own words; holes as in `queries`. `cpu`: cores. `memory`: bytes, one series a pod. `databaseConnections`: in use. Several
 * series of the first and the last are added up. What is left out is asked by the names that cAdvisor, the Prometheus clients, OpenTelemetry and drivers use.
 */
export interface OwnUsage {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly databaseConnections?: string | undefined;
}

/** Two samples at the usual 30 s and 60 s of cAdvisor. */
const window = '2m';
const used: AnyMatcher = { label: 'state', op: '=', value: 'used' };

/** Connections in use, by OpenTelemetry (today's name and the one before), HikariCP, Go's database/sql, and Micrometer's of MongoDB. */
const connections: readonly (readonly [metric: string, more: readonly AnyMatcher[]])[] = [
  ['db_client_connection_count', [used]],
  ['db_client_connections_usage', [used]],
  ['hikaricp_connections_active', []],
  ['go_sql_in_use_connections', []],
  ['mongodb_driver_pool_checkedout', []],
];

/** What a signal may be called; the first that there is counts, since two of them would be the same thing twice. */
const names = {
  cpu: ['cpu-own', 'cpu-container', 'cpu-process'],
  memory: ['memory-own', 'memory-container', 'memory-process'],
  connections: ['connections-own', ...connections.map((_, i) => `connections-${i}`)],
} as const;

/** One query for all of it. */
export function usageQuery(selection: Selection, own: OwnUsage = {}): string {
  const pods = podMatchers(selection);
  const pod = [selection.options.labels?.pod ?? 'pod'];
  const containers: readonly AnyMatcher[] = [...pods, { label: 'container', op: 'present' }, { label: 'container', op: '!=', value: 'POD' }];
  const rate = (metric: string, matchers: readonly AnyMatcher[]): string => `rate(${selector(metric, matchers)}[${window}])`;
  const sum = (name: string, vector: string): string => part(name, aggregate('sum', pod, vector));
  // A pod that two jobs scrape uses what it uses once.
  const most = (name: string, vector: string): string => part(name, aggregate('max', pod, vector));
  const mine = (name: string, template: string): string => part(name, `(${fill(template, selection)})`);
  return union([
    ...(own.cpu === undefined
      ? [sum('cpu-container', rate('container_cpu_usage_seconds_total', containers)), most('cpu-process', rate('process_cpu_seconds_total', pods))]
      : [mine('cpu-own', own.cpu)]),
    ...(own.memory === undefined
      ? [
          sum('memory-container', selector('container_memory_working_set_bytes', containers)),
          most('memory-process', selector('process_resident_memory_bytes', pods)),
        ]
      : [mine('memory-own', own.memory)]),
    sum('memory-limit', selector('kube_pod_container_resource_limits', [...pods, { label: 'resource', op: '=', value: 'memory' }])),
    ...(own.databaseConnections === undefined
      ? connections.map(([metric, more], i) => sum(`connections-${i}`, selector(metric, [...pods, ...more])))
      : [mine('connections-own', own.databaseConnections)]),
  ]);
}

/** What is missing or no number is left out. */
export function usageOf(rows: readonly Row[], { pods, options }: Selection): Usage {
  const label = options.labels?.pod ?? 'pod';
  const good = rows.filter(({ value }) => Number.isFinite(value) && value >= 0);
  const called = (name: string): readonly Row[] => good.filter(({ labels }) => labels[partLabel] === name);
  const first = (all: readonly string[]): readonly Row[] => all.map(called).find((found) => found.length > 0) ?? [];
  const total = (found: readonly Row[]): number => found.reduce((sum, { value }) => sum + value, 0);
  const [cpu, connected] = [first(names.cpu), first(names.connections)];
  const limits = new Map(called('memory-limit').map(({ labels, value }) => [labels[label], value]));
  const memory = first(names.memory).flatMap(({ labels, value }) => {
    const pod = labels[label];
    if (pod === undefined || pods?.includes(pod) !== true) return [];
    const limit = limits.get(pod);
    return [[pod, { used: value, ...(limit === undefined ? {} : { limit }) }] as const];
  });
  return {
    ...(cpu.length === 0 ? {} : { cpu: total(cpu) }),
    ...(memory.length === 0 ? {} : { memory: Object.fromEntries(memory) }),
    ...(connected.length === 0 ? {} : { databaseConnections: total(connected) }),
  };
}
