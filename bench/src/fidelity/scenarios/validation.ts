import { requests, type Scenario } from '../scenario.js';
import { autoscaler, budget, configMap, container, pod, service, template, workload } from './objects.js';

const podWith = (more: object): object => pod('a', { containers: [container(more)] });
const strategy = (rollingUpdate: object): object => workload('a', { strategy: { rollingUpdate } });

/** What is refused, and in which words. */
export const validation: readonly Scenario[] = [
  requests('refused: selectors of a Deployment', [
    ['POST', 'deployments', { metadata: { name: 'a' }, spec: { template: template('a') } }],
    ['POST', 'deployments', workload('a', { template: template('b') })],
    ['POST', 'deployments', workload('a', { selector: {} })],
    ['POST', 'deployments', workload('a', { selector: { matchExpressions: [{ key: 'app', operator: 'Near', values: ['a'] }] } })],
    ['POST', 'deployments', workload('a', { selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } })],
    ['POST', 'deployments', workload('a', { selector: { matchLabels: { 'a/b/c': 'x' } } })],
    ['POST', 'deployments', workload('a', { selector: { matchLabels: { app: '-' } } })],
  ]),
  requests('refused: numbers of a Deployment', [
    ['POST', 'deployments', workload('a', { replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1 })],
    ['POST', 'deployments', workload('a', { progressDeadlineSeconds: 5, minReadySeconds: 5 })],
    ['POST', 'deployments', workload('a', { replicas: 'two' })],
    ['POST', 'deployments', workload('a', { replicas: 1.5 })],
  ]),
  requests('refused: surge and unavailability', [
    ['POST', 'deployments', strategy({ maxSurge: 0, maxUnavailable: 0 })],
    ['POST', 'deployments', strategy({ maxSurge: '0%', maxUnavailable: '0%' })],
    ['POST', 'deployments', strategy({ maxSurge: -1, maxUnavailable: '101%' })],
    ['POST', 'deployments', strategy({ maxSurge: 'half' })],
    ['POST', 'deployments', workload('a', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } })],
    ['POST', 'deployments', workload('a', { strategy: { type: 'Fast' } })],
  ]),
  requests('refused: template', [
    ['POST', 'deployments', workload('a', { template: { ...template('a'), spec: { containers: [] } } })],
    ['POST', 'deployments', workload('a', { template: { metadata: { labels: { app: 'a' } } } })],
    ['POST', 'deployments', workload('a', { template: { ...template('a'), spec: { ...template('a').spec, restartPolicy: 'Never' } } })],
    ['POST', 'deployments', { metadata: { name: 'a' } }],
  ]),
  requests('refused: containers', [
    ['POST', 'pods', pod('a', { containers: [container(), container()] })],
    ['POST', 'pods', podWith({ name: 'Not_A_Label' })],
    ['POST', 'pods', podWith({ image: '' })],
    ['POST', 'pods', podWith({ image: ' spaced ' })],
    ['POST', 'pods', podWith({ imagePullPolicy: 'Sometimes' })],
    ['POST', 'pods', podWith({ terminationMessagePolicy: 'x' })],
    ['POST', 'pods', pod('a', { restartPolicy: 'Maybe' })],
    ['POST', 'pods', pod('a', { dnsPolicy: 'Mine' })],
  ]),
  requests('refused: ports', [
    ['POST', 'pods', podWith({ ports: [{ containerPort: 0 }] })],
    ['POST', 'pods', podWith({ ports: [{ containerPort: 70_000, name: 'TooLongForAPortName' }] })],
    [
      'POST',
      'pods',
      podWith({
        ports: [
          { containerPort: 80, name: 'a' },
          { containerPort: 81, name: 'a' },
        ],
      }),
    ],
    ['POST', 'pods', podWith({ ports: [{ containerPort: 80, protocol: 'ICMP' }] })],
  ]),
  requests('refused: environment', [
    ['POST', 'pods', podWith({ env: [{ name: '' }] })],
    ['POST', 'pods', podWith({ env: [{ name: 'A=B', value: 'x' }] })],
    ['POST', 'pods', podWith({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] })],
    ['POST', 'pods', podWith({ env: [{ name: 'A', valueFrom: {} }] })],
    ['POST', 'pods', podWith({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a' } } }] })],
  ]),
  requests('refused: resources', [
    ['POST', 'pods', podWith({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } })],
    ['POST', 'pods', podWith({ resources: { requests: { cpu: '-1' } } })],
    ['POST', 'pods', podWith({ resources: { requests: { cpu: 'much' } } })],
    ['POST', 'pods', podWith({ resources: { requests: { apples: '1' } } })],
  ]),
  requests('refused: probes', [
    ['POST', 'pods', podWith({ readinessProbe: {} })],
    ['POST', 'pods', podWith({ readinessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } })],
    ['POST', 'pods', podWith({ readinessProbe: { httpGet: { port: 0 } } })],
    ['POST', 'pods', podWith({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } })],
    ['POST', 'pods', podWith({ readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: -1, timeoutSeconds: -1, failureThreshold: -1 } })],
  ]),
  requests('refused: volumes', [
    ['POST', 'pods', pod('a', { containers: [container({ volumeMounts: [{ name: 'x', mountPath: '/x' }] })] })],
    [
      'POST',
      'pods',
      pod('a', {
        volumes: [
          { name: 'x', emptyDir: {} },
          { name: 'x', emptyDir: {} },
        ],
      }),
    ],
    ['POST', 'pods', pod('a', { volumes: [{ name: 'x', configMap: {} }] })],
    ['POST', 'pods', pod('a', { containers: [container({ volumeMounts: [{ name: 'x' }] })], volumes: [{ name: 'x', emptyDir: {} }] })],
  ]),
  requests('refused: Services', [
    ['POST', 'services', service('a', { ports: [] })],
    ['POST', 'services', service('a', { ports: [{ port: 0 }] })],
    ['POST', 'services', service('a', { ports: [{ port: 80 }, { port: 81 }] })],
    [
      'POST',
      'services',
      service('a', {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b' },
        ],
      }),
    ],
    ['POST', 'services', service('a', { type: 'Door' })],
    ['POST', 'services', service('a', { clusterIP: 'none' })],
    ['POST', 'services', service('a', { sessionAffinity: 'Always' })],
    ['POST', 'services', service('a', { selector: { 'a b': 'c d' } })],
    ['POST', 'services', service('1a')],
  ]),
  requests('refused: names', [
    ['POST', 'configmaps', configMap('Upper')],
    ['POST', 'configmaps', configMap('a'.repeat(254))],
    ['POST', 'configmaps', { data: {} }],
    ['POST', 'deployments', { ...workload('a'), metadata: { name: 'a_b' } }],
    ['POST', '/api/v1/namespaces', { metadata: { name: 'a.b' } }],
    ['POST', 'pods', pod('a..b')],
  ]),
  requests('refused: labels and annotations', [
    ['POST', 'configmaps', { metadata: { name: 'a', labels: { a: 'not a value' } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', labels: { 'a b': 'x' } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', labels: { 'Example.com/a': 'x' } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', labels: { a: 'x'.repeat(64) } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', labels: { ['y'.repeat(64)]: 'x' } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', annotations: { 'a b': 'x' } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', annotations: { a: 'x'.repeat(262_145) } } }],
    ['POST', 'configmaps', { metadata: { name: 'a', labels: { a: 1 } } }],
  ]),
  requests('refused: autoscalers', [
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { maxReplicas: 0 })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { minReplicas: 6 })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { minReplicas: 0 })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { scaleTargetRef: { kind: '', name: '' } })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { behavior: { scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }] } } })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { metrics: [{ type: 'Resource' }] })],
    ['POST', 'horizontalpodautoscalers', autoscaler('a', { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }] })],
  ]),
  requests('refused: budgets', [
    ['POST', 'poddisruptionbudgets', budget('a', { minAvailable: 1, maxUnavailable: 1 })],
    ['POST', 'poddisruptionbudgets', budget('a', { minAvailable: '101%' })],
    ['POST', 'poddisruptionbudgets', budget('a', { maxUnavailable: -1 })],
    ['POST', 'poddisruptionbudgets', budget('a', { minAvailable: 1, unhealthyPodEvictionPolicy: 'Never' })],
  ]),
  requests('refused: data', [
    ['POST', 'configmaps', configMap('a', { 'a b': '1' })],
    ['POST', 'configmaps', configMap('a', { a: 1 })],
    ['POST', 'configmaps', { metadata: { name: 'a' }, data: { a: '1' }, binaryData: { a: 'AA==' } }],
    ['POST', 'configmaps', configMap('a', { a: 'x'.repeat(1_048_577) })],
    ['POST', 'secrets', { metadata: { name: 'a' }, data: { a: 'not base64!' } }],
    ['POST', 'secrets', { metadata: { name: 'a' }, type: 'kubernetes.io/tls', data: {} }],
    ['POST', 'secrets', { metadata: { name: 'a' }, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e30' } }],
  ]),
  requests('refused: Leases, Jobs, EndpointSlices', [
    ['POST', 'leases', { metadata: { name: 'a' }, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }],
    ['POST', 'leases', { metadata: { name: 'a' }, spec: { renewTime: '2026-01-01T00:00:00Z' } }],
    ['POST', 'leases', { metadata: { name: 'a' }, spec: { renewTime: 'noon' } }],
    ['POST', 'leases', { metadata: { name: 'a' }, spec: { holderIdentity: '' } }],
    ['POST', 'jobs', { metadata: { name: 'a' }, spec: { template: { spec: pod('a').spec } } }],
    [
      'POST',
      'jobs',
      { metadata: { name: 'a' }, spec: { completions: -1, backoffLimit: -1, template: { spec: { ...pod('a').spec, restartPolicy: 'Never' } } } },
    ],
    ['POST', 'endpointslices', { metadata: { name: 'a' }, endpoints: [] }],
    ['POST', 'endpointslices', { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [{ addresses: ['nowhere'] }] }],
    ['POST', 'endpointslices', { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [{ addresses: [] }] }],
  ]),
];
