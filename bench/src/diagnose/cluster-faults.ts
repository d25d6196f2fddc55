import { kubectl } from '../lab/index.js';
import { type ClusterFault, condition, type Means, noted, ready, unplaced, unreadyFor, waits } from './fault.js';
import { health, type Manifest, program, serving, web } from './manifests.js';

const pulling = waits('ErrImagePull', 'ImagePullBackOff');
const crashing = waits('CrashLoopBackOff');
const refused = condition('ReplicaFailure', 'True');
const config = waits('CreateContainerConfigError');
/** A node looks only for what some container mounts. */
const mounted = { volumeMounts: [{ name: 'tls', mountPath: '/tls' }] };
const key = (kind: 'configMap' | 'secret', name: string): Manifest => ({ name: 'VALUE', valueFrom: { [`${kind}KeyRef`]: { name, key: 'value' } } });
const secret = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { other: 'x' } });
const quota = (hard: Manifest): Manifest => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard } });
/** Readiness counts for a second, so that a fault of it shows soon. */
const strict = { periodSeconds: 1, failureThreshold: 1 };
const label = (text: string) => (namespace: string) => kubectl(['label', 'namespace', namespace, text]);
const patch = (kind: string, change: Manifest) => (namespace: string) =>
  kubectl(['-n', namespace, 'patch', kind, 'web', '--type=merge', '-p', JSON.stringify(change)]);

/** Everything that breaks an app on a real cluster, and what it has to be called. */
export const clusterFaults = ({ registry, nodes, webhooks }: Means): readonly ClusterFault[] => [
  { name: 'nothing', code: 'healthy', objects: web({ replicas: 2 }), there: ready(2) },
  // Images.
  { name: 'registry: 404', code: 'image-not-found', objects: web({ container: { image: `${registry}/missing/web:1` } }), there: pulling },
  { name: 'registry: 401', code: 'image-denied', objects: web({ container: { image: `${registry}/private/web:1` } }), there: pulling },
  { name: 'registry: 403', code: 'image-denied', objects: web({ container: { image: `${registry}/forbidden/web:1` } }), there: pulling },
  { name: 'registry: 429', code: 'registry-rate-limit', objects: web({ container: { image: `${registry}/limited/web:1` } }), there: pulling },
  { name: 'registry: 503', code: 'registry-unreachable', objects: web({ container: { image: `${registry}/broken/web:1` } }), there: pulling },
  { name: 'registry: closed port', code: 'registry-unreachable', objects: web({ container: { image: 'localhost:1/team/web:1' } }), there: pulling },
  { name: 'registry: no such host', code: 'registry-unreachable', objects: web({ container: { image: 'registry.invalid/web:1' } }), there: pulling },
  { name: 'image: no name', code: 'image-name-invalid', objects: web({ container: { image: 'Team//Web:1' } }), there: waits('InvalidImageName') },
  {
    name: 'image: never pulled',
    code: 'image-not-on-node',
    objects: web({ container: { image: 'team/web:7', imagePullPolicy: 'Never' } }),
    there: waits('ErrImageNeverPull'),
  },
  // Processes.
  { name: 'crash', code: 'crash', objects: web({ container: { env: [{ name: 'CRASH_AFTER_MS', value: '1' }] } }), there: crashing },
  {
    name: 'crash of an init container',
    code: 'crash',
    objects: web({ pod: { initContainers: [{ name: 'migrate', ...program('console.log("migration 7 failed");process.exit(4)') }] } }),
    there: crashing,
  },
  { name: 'command ends', code: 'command-ends', objects: web({ container: program('console.log("done")') }), there: crashing },
  {
    name: 'command that is not there',
    code: 'start-failed',
    objects: web({ container: { command: ['/nope'] } }),
    there: waits('RunContainerError', 'CrashLoopBackOff'),
  },
  { name: 'root where none may be', code: 'container-refused', objects: web({ pod: { securityContext: { runAsNonRoot: true } } }), there: config },
  {
    name: 'crash for want of a database',
    code: 'dependency-tcp',
    objects: web({ container: program("require('net').connect(1,'127.0.0.1').on('error',e=>{console.error(String(e));process.exit(1)})") }),
    there: crashing,
  },
  // Probes.
  {
    name: 'health answers 503',
    code: 'app-unhealthy',
    objects: web({ container: { env: [{ name: 'DATABASE', value: 'lost' }], readinessProbe: { ...health, ...strict } } }),
    there: (state) => noted(/Readiness probe failed.*503/)(state) && unreadyFor(5)(state),
  },
  {
    name: 'killed for answering 503',
    code: 'app-unhealthy',
    objects: web({ container: { env: [{ name: 'DATABASE', value: 'lost' }], livenessProbe: { ...health, failureThreshold: 2 } } }),
    there: crashing,
  },
  {
    name: 'probe: wrong path',
    code: 'probe-misconfigured',
    objects: web({ container: { ...serving({ '/': 200 }), readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, ...strict } } }),
    there: (state) => noted(/Readiness probe failed.*404/)(state) && unreadyFor(5)(state),
  },
  {
    name: 'probe: wrong port',
    code: 'probe-misconfigured',
    objects: web({ container: { readinessProbe: { httpGet: { path: '/api/health', port: 9090 }, ...strict } } }),
    there: (state) => noted(/Readiness probe failed.*refused/)(state) && unreadyFor(5)(state),
  },
  {
    name: 'app listens on another port than it says',
    code: 'app-unhealthy',
    objects: web({ container: { env: [{ name: 'PORT', value: '7000' }], readinessProbe: { ...health, ...strict } } }),
    there: (state) => noted(/Readiness probe failed.*refused/)(state) && unreadyFor(5)(state),
  },
  {
    name: 'start slower than the deadline',
    code: 'progress-deadline',
    objects: web({ container: { readinessProbe: { ...health, initialDelaySeconds: 600 } }, spec: { progressDeadlineSeconds: 5 } }),
    there: condition('Progressing', 'False', 'ProgressDeadlineExceeded'),
  },
  // Admission.
  { name: 'quota: full', code: 'quota-exceeded', objects: [quota({ pods: '1' }), ...web({ replicas: 3 })], there: refused },
  { name: 'quota: requests wanted', code: 'quota-exceeded', objects: [quota({ 'requests.cpu': '1' }), ...web()], there: refused },
  { name: 'webhook refuses', code: 'admission-refused', objects: web(), before: (namespace) => webhooks.guard(namespace), there: refused },
  { name: 'webhook is down', code: 'webhook-unreachable', objects: web(), before: (namespace) => webhooks.guard(namespace, 'closed'), there: refused },
  { name: 'pod security', code: 'admission-refused', objects: web(), before: label('pod-security.kubernetes.io/enforce=restricted'), there: refused },
  { name: 'no service account', code: 'service-account-missing', objects: web({ pod: { serviceAccountName: 'robot' } }), there: refused },
  // Nodes.
  { name: 'pods too big', code: 'unschedulable-resources', objects: web({ container: { resources: { requests: { cpu: '900' } } } }), there: unplaced },
  { name: 'node selector of nobody', code: 'unschedulable-affinity', objects: web({ pod: { nodeSelector: { disk: 'gold' } } }), there: unplaced },
  {
    name: 'pods that keep apart',
    code: 'unschedulable-affinity',
    objects: web({
      replicas: 2,
      pod: {
        nodeSelector: { 'kubernetes.io/hostname': 'node-1' },
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }],
          },
        },
      },
    }),
    there: (state) => unplaced(state) && ready(1)(state),
  },
  { name: 'tainted node', code: 'unschedulable-taint', objects: web({ pod: nodes.tainted.place('stranger') }), there: unplaced },
  { name: 'cordoned node', code: 'unschedulable-cordon', objects: web({ pod: nodes.cordoned.place() }), there: unplaced },
  {
    name: 'volume claim that is not there',
    code: 'unschedulable-volume',
    objects: web({ pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } }),
    there: unplaced,
  },
  {
    name: 'node lost',
    code: 'node-not-ready',
    objects: web({ replicas: 2, pod: nodes.lost.place() }),
    then: { when: ready(2), make: () => nodes.lose() },
    there: ready(0),
  },
  // What pods refer to.
  { name: 'ConfigMap missing', code: 'configmap-missing', objects: web({ container: { envFrom: [{ configMapRef: { name: 'settings' } }] } }), there: config },
  { name: 'Secret missing', code: 'secret-missing', objects: web({ container: { env: [key('secret', 'creds')] } }), there: config },
  { name: 'key missing', code: 'key-missing', objects: [secret('creds'), ...web({ container: { env: [key('secret', 'creds')] } })], there: config },
  {
    name: 'mounted Secret missing',
    code: 'secret-missing',
    objects: web({ pod: { volumes: [{ name: 'tls', secret: { secretName: 'tls' } }] }, container: mounted }),
    there: noted(/FailedMount/),
  },
  {
    name: 'mounted key missing',
    code: 'key-missing',
    objects: [
      secret('tls'),
      ...web({ pod: { volumes: [{ name: 'tls', secret: { secretName: 'tls', items: [{ key: 'tls.key', path: 'k' }] } }] }, container: mounted }),
    ],
    there: noted(/FailedMount: .*non-existent/),
  },
  // Routes.
  { name: 'selector of nobody', code: 'selector-mismatch', objects: web({ selector: { app: 'wep' } }), there: ready(1) },
  { name: 'target port closed', code: 'port-mismatch', objects: web({ targetPort: 8081 }), there: ready(1) },
  { name: 'target port unnamed', code: 'port-mismatch', objects: web({ targetPort: 'web' }), there: ready(1) },
  // Around.
  {
    name: 'budget lets nothing go',
    code: 'budget-blocks',
    objects: [
      ...web({ replicas: 2 }),
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'all' }, spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } } },
    ],
    there: (state) => ready(2)(state) && state.budgets.some(({ status }) => status?.currentHealthy === 2),
  },
  {
    name: 'autoscaler without metrics',
    code: 'autoscaler-blind',
    objects: [
      ...web({ container: { resources: { requests: { cpu: '10m' } } } }),
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          minReplicas: 1,
          maxReplicas: 3,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
        },
      },
    ],
    there: (state) =>
      ready(1)(state) &&
      state.autoscalers.some(({ status }) => status?.conditions?.some((each: Manifest) => each['type'] === 'ScalingActive' && each['status'] === 'False')),
  },
  {
    name: 'paused',
    code: 'paused',
    objects: web(),
    then: { when: ready(1), make: patch('deployment', { spec: { paused: true, template: { metadata: { labels: { build: '2' } } } } }) },
    there: ({ deployment }) => deployment?.['status']?.observedGeneration === 2,
  },
  {
    name: 'scaled to nothing',
    code: 'scaled-to-zero',
    objects: web({ replicas: 0 }),
    there: ({ deployment }) => deployment?.['status']?.observedGeneration === 1,
  },
  // What it needs.
  {
    name: 'dependency: no name',
    code: 'dependency-dns',
    objects: web(),
    there: ready(1),
    options: { dependencies: [{ name: 'mongodb', address: 'mongodb:27017' }] },
  },
  {
    name: 'dependency: no pods',
    code: 'dependency-tcp',
    objects: [...web(), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'mongodb' }, spec: { selector: { app: 'mongodb' }, ports: [{ port: 27017 }] } }],
    there: ready(1),
    options: { dependencies: [{ name: 'mongodb', address: 'mongodb:27017' }] },
  },
  {
    name: 'dependency: closed port',
    code: 'dependency-tcp',
    objects: [
      ...web(),
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cache' }, spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 6379 }] } },
    ],
    there: ready(1),
    options: { dependencies: [{ name: 'cache', address: 'cache:6379' }] },
  },
  {
    name: 'dependency: login refused',
    code: 'dependency-auth',
    objects: web({ container: serving({ '/api/health': 200, '/login': 401 }) }),
    there: ready(1),
    options: { dependencies: [{ name: 'self', address: 'web:80', auth: '/login' }] },
  },
];
