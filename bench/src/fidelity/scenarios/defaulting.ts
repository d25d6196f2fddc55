import { requests, type Scenario } from '../scenario.js';
import { autoscaler, budget, configMap, container, dryRun, pod, service, template, workload } from './objects.js';

const probes = {
  ports: [{ containerPort: 5000, name: 'http' }],
  readinessProbe: { httpGet: { path: '/', port: 'http' } },
  livenessProbe: { tcpSocket: { port: 5000 }, periodSeconds: 3 },
  startupProbe: { exec: { command: ['true'] } },
  lifecycle: { preStop: { httpGet: { port: 5000 } } },
};
const env = {
  env: [
    { name: 'A', value: '' },
    { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ],
  envFrom: [{ configMapRef: { name: 'a' } }],
  resources: { limits: { cpu: '0.5', memory: '1024Mi' }, requests: { memory: '0.5Gi' } },
};
const volumes = {
  containers: [container({ volumeMounts: [{ name: 'a', mountPath: '/a' }] })],
  volumes: [{ name: 'a', emptyDir: {} }, { name: 'b', configMap: { name: 'a' } }, { name: 'c', secret: { secretName: 'a' } }, { name: 'd' }],
};

/** What the server adds to what it is given. Nothing is stored, so that no controller answers too. */
export const defaulting: readonly Scenario[] = [
  requests('defaults: Deployment', [
    ['POST', 'deployments', workload('a'), dryRun],
    ['POST', 'deployments', workload('b', { strategy: { type: 'Recreate' }, replicas: 0, paused: true, minReadySeconds: 3 }), dryRun],
    ['POST', 'deployments', workload('c', { strategy: { rollingUpdate: { maxSurge: '50%' } }, revisionHistoryLimit: 0 }), dryRun],
  ]),
  requests('defaults: probes, ports and hooks', [['POST', 'deployments', workload('a', { template: template('a', probes) }), dryRun]]),
  requests('defaults: environment and resources', [['POST', 'deployments', workload('a', { template: template('a', env) }), dryRun]]),
  requests('defaults: pull policy follows the tag', [
    ['POST', 'pods', pod('a', { containers: [container({ image: 'a' })] }), dryRun],
    ['POST', 'pods', pod('b', { containers: [container({ image: 'a:latest' })] }), dryRun],
    ['POST', 'pods', pod('c', { containers: [container({ image: `a@sha256:${'0'.repeat(64)}` })] }), dryRun],
    ['POST', 'pods', pod('d', { containers: [container({ image: 'host:5000/a' })] }), dryRun],
  ]),
  requests('defaults: pod', [
    ['POST', 'pods', pod('a'), dryRun],
    ['POST', 'pods', pod('b', volumes), dryRun],
    ['POST', 'pods', pod('c', { hostNetwork: true, containers: [container({ ports: [{ containerPort: 80 }] })] }), dryRun],
    ['POST', 'pods', pod('d', { initContainers: [container({ name: 'init', restartPolicy: 'Always' })], terminationGracePeriodSeconds: 0 }), dryRun],
  ]),
  requests('defaults: quality of service', [
    ['POST', 'pods', pod('a', { containers: [container({ resources: { limits: { cpu: '1', memory: '1Gi' } } })] }), dryRun],
    ['POST', 'pods', pod('b', { containers: [container({ resources: { requests: { cpu: '100m' } } })] }), dryRun],
  ]),
  requests('defaults: ReplicaSet', [['POST', 'replicasets', workload('a'), dryRun]]),
  requests('defaults: StatefulSet', [
    ['POST', 'statefulsets', workload('a', { serviceName: 'a' }), dryRun],
    ['POST', 'statefulsets', workload('b', { updateStrategy: { type: 'OnDelete' } }), dryRun],
  ]),
  requests('defaults: DaemonSet', [
    ['POST', 'daemonsets', workload('a'), dryRun],
    ['POST', 'daemonsets', workload('b', { updateStrategy: { type: 'OnDelete' } }), dryRun],
  ]),
  requests('defaults: Job', [
    ['POST', 'jobs', { metadata: { name: 'a' }, spec: { template: { spec: { ...pod('a').spec, restartPolicy: 'Never' } } } }, dryRun],
    ['POST', 'jobs', { metadata: { name: 'b' }, spec: { parallelism: 2, template: { spec: { ...pod('a').spec, restartPolicy: 'OnFailure' } } } }, dryRun],
  ]),
  requests('defaults: Service', [
    ['POST', 'services', service('a'), dryRun],
    ['POST', 'services', service('b', { clusterIP: 'None' }), dryRun],
    ['POST', 'services', service('c', { type: 'ExternalName', externalName: 'example.com', ports: [] }), dryRun],
    ['POST', 'services', service('d', { sessionAffinity: 'ClientIP' }), dryRun],
    ['POST', 'services', { metadata: { name: 'e' }, spec: { ports: [{ port: 80, targetPort: 'http', name: 'x' }] } }, dryRun],
  ]),
  requests('defaults: HorizontalPodAutoscaler', [
    ['POST', 'horizontalpodautoscalers', autoscaler('a'), dryRun],
    ['POST', 'horizontalpodautoscalers', autoscaler('b', { behavior: {} }), dryRun],
    ['POST', 'horizontalpodautoscalers', autoscaler('c', { behavior: { scaleDown: { selectPolicy: 'Disabled' }, scaleUp: { policies: [] } } }), dryRun],
  ]),
  requests('defaults: PodDisruptionBudget', [
    ['POST', 'poddisruptionbudgets', budget('a', { minAvailable: 1 }), dryRun],
    ['POST', 'poddisruptionbudgets', { metadata: { name: 'b' } }, dryRun],
  ]),
  requests('defaults: ConfigMap and Secret', [
    ['POST', 'configmaps', configMap('a'), dryRun],
    ['POST', 'configmaps', { metadata: { name: 'b' }, binaryData: { a: 'AAECAw==' }, immutable: true }, dryRun],
    ['POST', 'secrets', { metadata: { name: 'a' }, stringData: { a: 'text' }, data: { b: 'AAEC' } }, dryRun],
    ['POST', 'secrets', { metadata: { name: 'b' }, type: 'kubernetes.io/basic-auth', stringData: { username: 'a' } }, dryRun],
  ]),
  requests('defaults: EndpointSlice', [
    ['POST', 'endpointslices', { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [{ addresses: ['10.9.9.9'] }], ports: [{ port: 80 }] }, dryRun],
    ['POST', 'endpointslices', { metadata: { name: 'b' }, addressType: 'IPv4', endpoints: [] }, dryRun],
  ]),
  requests('defaults: quantities take their canonical form', [
    [
      'POST',
      'pods',
      pod('a', {
        containers: [container({ resources: { requests: { cpu: '1000m', memory: '1500Mi', 'ephemeral-storage': '1e3' }, limits: { cpu: '1.5' } } })],
      }),
      dryRun,
    ],
    ['POST', 'resourcequotas', { metadata: { name: 'a' }, spec: { hard: { pods: 10, 'requests.cpu': '0.25', 'limits.memory': '2048Ki' } } }, dryRun],
  ]),
];
