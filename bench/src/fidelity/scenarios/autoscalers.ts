import { conditionsOf } from '../conditions.js';
import type { Json } from '../json.js';
import { type Scenario, scenario } from '../scenario.js';
import { autoscaler, workload } from './objects.js';

const scaled = (name: string, replicas: number): Json => workload(name, { replicas, paused: true });

/** An autoscaler in a cluster without metrics: its bounds are what it has. It is looked at only every 15 seconds. */
const bounds = (name: string, replicas: number, spec: object, events: number, until: (hpa: Json) => boolean): Scenario =>
  scenario(`autoscaler: ${name}`, async (probe) => {
    await probe.need('POST', 'deployments', scaled('web', replicas));
    await probe.need('POST', 'horizontalpodautoscalers', autoscaler('web', spec));
    const hpa = await probe.whenObject('horizontalpodautoscalers/web', until);
    const { conditions: _, ...status } = hpa.status;
    probe.note('status', status);
    probe.note('conditions', conditionsOf(hpa));
    probe.note('replicas', (await probe.need('GET', 'deployments/web')).spec.replicas);
    const items = await probe.until(
      ['events'],
      async () => {
        const found = (await probe.need('GET', 'events')).items.filter(({ involvedObject }: Json) => involvedObject.kind === 'HorizontalPodAutoscaler');
        return found.length >= events ? found : undefined;
      },
      `${events} events`,
    );
    probe.note(
      'events',
      items
        .map(({ type, reason, message, source }: Json) => [type, reason, message, source])
        .toSorted((a: string[], b: string[]) => (String(a) < String(b) ? -1 : 1)),
    );
  });

/** Bounds, and what is said where no metrics are served. */
export const autoscalers: readonly Scenario[] = [
  bounds('below its minimum', 1, { minReplicas: 3 }, 1, ({ status }) => status.desiredReplicas === 3),
  bounds('above its maximum', 9, { minReplicas: 2 }, 1, ({ status }) => status.desiredReplicas === 5),
  bounds('within its bounds, without metrics', 3, { minReplicas: 2 }, 2, ({ status }) => status.conditions?.length === 2),
  bounds('of an app at zero', 0, { minReplicas: 2 }, 0, ({ status }) => status.conditions?.length === 2),
  bounds(
    'of what is not there',
    1,
    { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } },
    1,
    ({ status }) => status.conditions?.length === 1,
  ),
  bounds(
    'with metrics that nobody serves',
    3,
    {
      metrics: [
        { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } },
        { type: 'Object', object: { metric: { name: 'rps' }, describedObject: { kind: 'Service', name: 'web' }, target: { type: 'Value', value: '10' } } },
      ],
    },
    3,
    ({ status }) => status.conditions?.length === 2,
  ),
];
