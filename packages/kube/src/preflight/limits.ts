import type { Finding } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import type { Amounts, Container, PodTemplate } from '../objects.js';
import { amountOf, amountText } from './quantity.js';
import { podAmount } from './room.js';

export interface LimitRange extends KubeObject {
  readonly spec?: {
    readonly limits?: readonly {
      readonly type: string;
      readonly min?: Amounts | undefined;
      readonly max?: Amounts | undefined;
      readonly default?: Amounts | undefined;
      readonly defaultRequest?: Amounts | undefined;
    }[];
  };
}

type Limit = NonNullable<NonNullable<LimitRange['spec']>['limits']>[number];

/** What a LimitRange gives a container that says nothing itself. Pure. */
export function withDefaults(template: PodTemplate, ranges: readonly LimitRange[]): PodTemplate {
  const limits = ranges.flatMap(({ spec }) => spec?.limits ?? []).filter(({ type }) => type === 'Container');
  if (limits.length === 0) return template;
  const given = (container: Container): Container => {
    const asked = container.resources ?? {};
    const all = Object.assign({}, ...limits.map((limit) => limit.default ?? {})) as Amounts;
    const requests = Object.assign({}, ...limits.map((limit) => limit.defaultRequest ?? limit.default ?? {})) as Amounts;
    return { ...container, resources: { limits: { ...all, ...asked.limits }, requests: { ...requests, ...asked.limits, ...asked.requests } } };
  };
  const { initContainers } = template.spec;
  return {
    ...template,
    spec: {
      ...template.spec,
      containers: template.spec.containers.map(given),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(given) }),
    },
  };
}

/** Containers and pods that a LimitRange would refuse, after its defaults. Pure. */
export function limitRangeFindings(ranges: readonly LimitRange[], template: PodTemplate): readonly Finding[] {
  const whole = withDefaults(template, ranges);
  return ranges.flatMap(({ metadata: { name }, spec }) =>
    (spec?.limits ?? []).flatMap((limit) => {
      if (limit.type === 'Pod') return bounds(name, limit, 'the pod', 'spec.template.spec', (part, resource) => podAmount(whole, part, resource));
      if (limit.type !== 'Container') return [];
      return whole.spec.containers.flatMap((container) =>
        bounds(name, limit, `container ${container.name}`, `spec.template.spec.containers[${container.name}].resources`, (part, resource) =>
          amountOf(container.resources?.[part]?.[resource]),
        ),
      );
    }),
  );
}

function bounds(
  name: string,
  { min = {}, max = {} }: Limit,
  what: string,
  path: string,
  of: (part: 'requests' | 'limits', resource: string) => number,
): readonly Finding[] {
  const object = `LimitRange ${name}`;
  const finding = (message: string, fix: string): Finding => ({
    id: 'limit-range',
    level: 'error',
    object,
    path,
    message: `${object} refuses ${what}: ${message}`,
    fix,
  });
  return [
    ...Object.entries(max).flatMap(([resource, most]) => {
      const limit = of('limits', resource);
      if (Number.isNaN(limit) || limit === 0)
        return [finding(`it has no limit of ${resource}, and ${most} is the most`, `set limits.${resource} to ${most} or less`)];
      return limit > amountOf(most)
        ? [finding(`its limit of ${amountText(resource, limit)} ${resource} is above ${most}`, `set limits.${resource} to ${most} or less`)]
        : [];
    }),
    ...Object.entries(min).flatMap(([resource, least]) => {
      const request = of('requests', resource);
      if (Number.isNaN(request) || request === 0)
        return [finding(`it asks for no ${resource}, and ${least} is the least`, `set requests.${resource} to ${least} or more`)];
      return request < amountOf(least)
        ? [finding(`it asks for ${amountText(resource, request)} ${resource}, less than ${least}`, `set requests.${resource} to ${least} or more`)]
        : [];
    }),
  ];
}
