import type { Wire } from '../../api/json.js';
import type { Unknown } from './resource-metric.js';

const noCustom = 'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

/** A metric of the custom or the external metrics API: there is none here, as in a cluster without an adapter for them. */
export function noAnswer({ type, pods, object, external }: Wire, namespace: string): Unknown {
  const unknown = (error: string, subject: string): Unknown => ({ kind: 'unknown', reason: `FailedGet${type}Metric`, error, subject });
  switch (type) {
    case 'Pods':
      return unknown(`unable to get metric ${pods.metric.name}: ${noCustom}`, 'pods');
    case 'Object': {
      const { kind, name } = object.describedObject;
      return unknown(`unable to get metric ${object.metric.name}: ${kind} on ${namespace} ${name}/${noCustom}`, 'object');
    }
    default: {
      const name = external?.metric.name;
      const why = `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
      const full = `unable to get external metric ${namespace}/${name}/nil: unable to fetch metrics from external metrics API: ${why}`;
      return unknown(full, `${name} external`);
    }
  }
}
