import { expect, test } from 'vitest';
import { container, deployment, service } from '../__fixtures__/make.js';
import type { Budget, Container, Hpa, Ingress, Service } from '../objects.js';
import { withoutIgnored, zeroDowntimeFindings, zeroDowntimeRules } from './rules.js';
import type { Subject } from './subject.js';

const image = `registry/web:1.0.0@sha256:${'0'.repeat(64)}`;
const probe = { httpGet: { path: '/api/health', port: 8080 } };
const good = (more: object = {}): Container => container({ image, lifecycle: { preStop: { sleep: { seconds: 5 } } }, ...more });

type Parts = Partial<Omit<Subject, 'deployment'>> & { readonly of?: Parameters<typeof deployment>[0]; readonly containers?: readonly Container[] };

/** An app that no rule objects to, but for what a case makes of it. */
function subject({ of = {}, containers = [good()], ...more }: Parts = {}): Subject {
  const live = deployment({ containers, ...of });
  return {
    deployment: live,
    live,
    manifest: undefined,
    others: [],
    services: [service('web', { app: 'web' })],
    otherServices: [],
    apart: undefined,
    budgets: [budget()],
    autoscalers: [],
    ingresses: [],
    nodes: 3,
    serverMinor: 34,
    needs: { candidate: false, autoscaler: false },
    ...more,
  };
}

const budget = (spec: object = {}, status: object = {}): Budget => ({
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, unhealthyPodEvictionPolicy: 'AlwaysAllow', ...spec },
  status: { disruptionsAllowed: 1, expectedPods: 3, ...status },
});
const hpa = (minReplicas: number, name = 'web'): Hpa => ({
  metadata: { name: 'web' },
  spec: { minReplicas, maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name } },
});
const ingress = (ingressClassName: string, annotations: Record<string, string> = {}, to = 'web'): Ingress => ({
  kind: 'Ingress',
  metadata: { name: 'web', annotations },
  spec: { ingressClassName, rules: [{ http: { paths: [{ backend: { service: { name: to } } }] } }] },
});
const rolling = (maxSurge: number | string, maxUnavailable: number | string): object => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});
const typed = (spec: object): Service => ({ ...service('web', { app: 'web' }), spec: { ...service('web', { app: 'web' }).spec, ...spec } });
const preStop = (preStopOf: object, more: object = {}): Container => good({ lifecycle: { preStop: preStopOf }, ...more });
const grace = (seconds: number, containers: readonly Container[]) => ({
  ...subject({ containers }).deployment.spec.template,
  spec: { containers, terminationGracePeriodSeconds: seconds },
});
const judged = { candidate: false, autoscaler: false, judged: true };
const apart = { app: 'web-candidate', tier: 'front' };
const tiered = { of: { labels: { app: 'web', tier: 'front' }, selector: { app: 'web' } } };

interface Case {
  readonly finds: Parts;
  readonly level: 'error' | 'warning';
  readonly says: string;
  /** What it must not object to. */
  readonly passes: readonly Parts[];
}

const cases: Readonly<Record<string, readonly Case[]>> = {
  'readiness-missing': [
    {
      finds: { containers: [good({ readinessProbe: undefined })] },
      level: 'error',
      says: 'container web gets requests through a Service',
      passes: [
        {},
        { containers: [good(), good({ name: 'sidecar', ports: [], readinessProbe: undefined })] },
        { containers: [good({ readinessProbe: undefined })], services: [] },
      ],
    },
  ],
  'liveness-same': [
    {
      finds: { containers: [good({ readinessProbe: probe, livenessProbe: probe })] },
      level: 'warning',
      says: 'same question',
      passes: [
        { containers: [good({ readinessProbe: probe, livenessProbe: { ...probe, failureThreshold: 9 } })] },
        { containers: [good({ readinessProbe: probe, livenessProbe: { httpGet: { path: '/alive', port: 8080 } } })] },
      ],
    },
  ],
  'single-replica': [
    { finds: { of: { replicas: 1 } }, level: 'error', says: 'one pod', passes: [{}, { of: { replicas: 0 } }] },
    { finds: { of: { replicas: 2, spec: rolling(1, '100%') } }, level: 'error', says: 'all 2 pods', passes: [{ of: { replicas: 2, spec: rolling(1, 0) } }] },
    {
      finds: { of: { replicas: 3, spec: rolling(1, 1) } },
      level: 'warning',
      says: '1 of 3',
      passes: [{ of: { replicas: 4, spec: rolling(1, 1) } }, { of: { replicas: 3, spec: rolling(1, '33%') } }],
    },
    {
      finds: { of: { replicas: 4 }, autoscalers: [hpa(1)] },
      level: 'error',
      says: 'one pod',
      passes: [
        { of: { replicas: 1 }, autoscalers: [hpa(2)] },
        { of: { replicas: 4 }, autoscalers: [hpa(1, 'api')] },
      ],
    },
  ],
  'surge-zero': [
    {
      finds: { of: { spec: rolling(0, '10%') } },
      level: 'error',
      says: 'both 0',
      passes: [{}, { of: { spec: rolling(1, 0) } }, { of: { spec: rolling(0, 1) } }, { of: { spec: rolling('1%', 0) } }],
    },
    { finds: { of: { spec: { strategy: { type: 'Recreate' } } } }, level: 'error', says: 'Recreate', passes: [{}] },
  ],
  'image-tag': [
    { finds: { containers: [good({ image: 'registry:5000/web' })] }, level: 'error', says: 'another version on each node', passes: [{}] },
    { finds: { containers: [good({ image: 'web:latest' })] }, level: 'error', says: 'web:latest', passes: [{}] },
    {
      finds: { containers: [good({ image: 'registry:5000/web:1.2.0' })] },
      level: 'warning',
      says: 'by its tag',
      passes: [{ containers: [good({ image: `web@sha256:${'0'.repeat(64)}` })] }],
    },
  ],
  pdb: [
    { finds: { budgets: [] }, level: 'warning', says: 'no PodDisruptionBudget', passes: [{}, { budgets: undefined }, { budgets: [], of: { replicas: 1 } }] },
    { finds: { budgets: [budget({ selector: { matchLabels: { app: 'wep' } } })] }, level: 'warning', says: 'matches none', passes: [{}] },
    {
      finds: { budgets: [budget({}, { disruptionsAllowed: 0 })] },
      level: 'warning',
      says: 'allows no disruption',
      passes: [{ budgets: [budget({}, { disruptionsAllowed: 0, expectedPods: 0 })] }],
    },
    { finds: { budgets: [budget({ unhealthyPodEvictionPolicy: undefined })] }, level: 'warning', says: 'unhealthyPodEvictionPolicy', passes: [{}] },
    { finds: { budgets: [budget(), { ...budget(), metadata: { name: 'other' } }] }, level: 'warning', says: 'web and other', passes: [{}] },
    {
      finds: { apart },
      level: 'warning',
      says: 'does not cover the new version',
      passes: [{ ...tiered, apart, budgets: [budget({ selector: { matchLabels: { tier: 'front' } } })] }],
    },
  ],
  'prestop-missing': [
    {
      finds: { containers: [good({ lifecycle: undefined })] },
      level: 'warning',
      says: 'no preStop',
      passes: [
        {},
        { containers: [good({ lifecycle: undefined })], of: { annotations: { 'shepherd.dev/drains': 'true' } } },
        { containers: [good({ lifecycle: undefined })], of: { annotations: { 'shepherd.dev/drains': '20s' } } },
        { containers: [good({ lifecycle: undefined })], services: [] },
      ],
    },
  ],
  'grace-budget': [
    {
      finds: { containers: [preStop({ sleep: { seconds: 30 } })] },
      level: 'error',
      says: 'preStop takes 30 s',
      passes: [
        {},
        { of: { spec: { template: grace(60, [preStop({ sleep: { seconds: 30 } })]) } } },
        { containers: [preStop({ exec: { command: ['/bin/drain'] } })] },
      ],
    },
    {
      finds: { containers: [preStop({ exec: { command: ['sh', '-c', 'sleep 45'] } })] },
      level: 'error',
      says: '45 s',
      passes: [{ containers: [preStop({ exec: { command: ['sleep', '5'] } })] }],
    },
    {
      finds: { of: { annotations: { 'shepherd.dev/drains': '28s' } } },
      level: 'error',
      says: 'the app 28 s after it',
      passes: [{ of: { annotations: { 'shepherd.dev/drains': '25s' } } }],
    },
  ],
  'prestop-shell': [
    {
      finds: { containers: [preStop({ exec: { command: ['/bin/sh', '-c', 'sleep 5'] } }, { image: 'gcr.io/distroless/nodejs:20' })] },
      level: 'warning',
      says: 'likely does not have',
      passes: [
        {},
        { containers: [preStop({ exec: { command: ['sleep', '5'] } })] },
        { containers: [preStop({ exec: { command: ['/drain'] } }, { image: 'gcr.io/distroless/static:1' })] },
      ],
    },
  ],
  'prestop-version': [
    {
      finds: { serverMinor: 29 },
      level: 'error',
      says: '1.29',
      passes: [{ serverMinor: 30 }, { serverMinor: undefined }, { serverMinor: 29, containers: [preStop({ exec: { command: ['sleep', '5'] } })] }],
    },
  ],
  'prestop-router': [
    {
      finds: { ingresses: [ingress('alb')] },
      level: 'warning',
      says: '300 s',
      passes: [
        {},
        { ingresses: [ingress('alb', {}, 'other')] },
        { ingresses: [ingress('alb', { 'alb.ingress.kubernetes.io/target-group-attributes': 'deregistration_delay.timeout_seconds=5' })] },
      ],
    },
    { finds: { ingresses: [ingress('gce')] }, level: 'warning', says: '120 s', passes: [{ ingresses: [ingress('traefik')] }] },
    {
      finds: { ingresses: [ingress('azure-application-gateway')] },
      level: 'warning',
      says: '40 s',
      passes: [{ ingresses: [ingress('azure-application-gateway')], containers: [preStop({ sleep: { seconds: 40 } })] }],
    },
    { finds: { services: [service('web', { app: 'web' }, { 'cloud.google.com/neg': '{}' })] }, level: 'warning', says: 'NEG', passes: [{}] },
  ],
  'min-ready': [
    { finds: { needs: judged }, level: 'warning', says: 'metrics have not seen it', passes: [{}, { needs: judged, of: { spec: { minReadySeconds: 10 } } }] },
    { finds: { services: [typed({ type: 'LoadBalancer' })] }, level: 'warning', says: 'load balancer', passes: [{ services: [typed({ type: 'ClusterIP' })] }] },
  ],
  deadline: [
    { finds: { of: { spec: { progressDeadlineSeconds: 30, minReadySeconds: 25 } } }, level: 'warning', says: 'counts as failed after 30 s', passes: [{}] },
    {
      finds: { containers: [good({ startupProbe: { ...probe, periodSeconds: 10, failureThreshold: 60 } })] },
      level: 'warning',
      says: 'start-up',
      passes: [{ containers: [good({ startupProbe: { ...probe, periodSeconds: 10, failureThreshold: 30 } })] }],
    },
    {
      finds: { needs: { candidate: false, autoscaler: false, timeoutMs: 300_000 } },
      level: 'warning',
      says: 'ends after 300 s',
      passes: [{ needs: { candidate: false, autoscaler: false, timeoutMs: 900_000 } }],
    },
  ],
  'history-limit': [
    { finds: { of: { spec: { revisionHistoryLimit: 0 } } }, level: 'error', says: 'no way back', passes: [{}, { of: { spec: { revisionHistoryLimit: 3 } } }] },
    { finds: { of: { spec: { revisionHistoryLimit: 1 } } }, level: 'error', says: 'only 1', passes: [{}] },
  ],
  'selector-change': [
    { finds: { manifest: deployment({ selector: { app: 'web', v: '2' } }) }, level: 'error', says: 'cannot be changed', passes: [{ manifest: deployment() }] },
    {
      finds: { others: [deployment({ name: 'twin', labels: { app: 'web', more: 'yes' }, selector: { app: 'web' } })] },
      level: 'error',
      says: 'Deployment twin',
      passes: [
        { others: [deployment({ name: 'api' })] },
        { others: [deployment({ name: 'web-candidate', labels: { app: 'web', track: 'c' }, ownLabels: { 'shepherd.dev/track': 'candidate' } })] },
      ],
    },
  ],
  'selector-catches-both': [
    {
      finds: { ...tiered, apart, otherServices: [service('all', { tier: 'front' })] },
      level: 'error',
      says: 'tier=front',
      passes: [
        { ...tiered, apart },
        { ...tiered, otherServices: [service('all', { tier: 'front' })] },
        { ...tiered, apart, otherServices: [service('api', { app: 'api' })] },
      ],
    },
  ],
  'hpa-replicas': [
    {
      finds: { autoscalers: [hpa(2)], manifest: deployment({ replicas: 3 }) },
      level: 'error',
      says: '3 replicas',
      passes: [
        { autoscalers: [hpa(2)] },
        { manifest: deployment() },
        { autoscalers: [hpa(2)], manifest: { ...deployment(), spec: { ...deployment().spec, replicas: undefined } } },
      ],
    },
  ],
  'alb-gate': [
    {
      finds: { ingresses: [ingress('alb', { 'alb.ingress.kubernetes.io/target-type': 'ip' })] },
      level: 'warning',
      says: 'readiness gate',
      passes: [
        { ingresses: [ingress('alb')] },
        {
          ingresses: [ingress('alb', { 'alb.ingress.kubernetes.io/target-type': 'ip' })],
          namespaceLabels: { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' },
        },
      ],
    },
  ],
  'local-policy': [
    {
      finds: { services: [typed({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' })] },
      level: 'warning',
      says: '3 nodes',
      passes: [
        { services: [typed({ type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' })] },
        { services: [typed({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' })], of: { replicas: 6 } },
      ],
    },
  ],
  'managed-by': [
    { finds: { of: { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } } }, level: 'warning', says: 'Argo CD', passes: [{}] },
    { finds: { of: { ownLabels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } } }, level: 'warning', says: 'Flux', passes: [{}] },
    {
      finds: { of: { annotations: { 'meta.helm.sh/release-name': 'web' } } },
      level: 'warning',
      says: 'Helm (release web)',
      passes: [{ of: { annotations: { 'meta.helm.sh/release-name': 'web' } }, manifest: deployment() }],
    },
  ],
  'keep-alive': [
    {
      finds: { containers: [good({ image: 'node:20.1.0@sha256:0' })], ingresses: [ingress('alb')] },
      level: 'warning',
      says: 'after 5 s (what Node does by default), ALB keeps them for 60 s',
      passes: [
        { ingresses: [ingress('alb')] },
        { containers: [good({ image: 'node:20.1.0@sha256:0' })] },
        { containers: [good({ image: 'node:20.1.0@sha256:0' })], ingresses: [ingress('alb')], of: { annotations: { 'shepherd.dev/keep-alive': '65s' } } },
      ],
    },
    { finds: { ingresses: [ingress('gce')], of: { annotations: { 'shepherd.dev/keep-alive': '60s' } } }, level: 'warning', says: '600 s', passes: [{}] },
  ],
  'ingress-nginx': [
    {
      finds: { ingresses: [ingress('nginx')] },
      level: 'warning',
      says: 'retired',
      passes: [{ ingresses: [ingress('alb')] }, { ingresses: [ingress('nginx', {}, 'other')] }],
    },
  ],
  'secret-literal': [
    {
      finds: { containers: [good({ env: [{ name: 'DATABASE_URL', value: 'postgres://web:hunter2hunter2@db/shop' }] })] },
      level: 'error',
      says: 'DATABASE_URL of container web holds what looks like a password in an address',
      passes: [
        {
          containers: [
            good({
              env: [
                { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 's', key: 'url' } } },
                { name: 'A', value: 'postgres://db/shop' },
              ],
            }),
          ],
        },
      ],
    },
  ],
};

test('an app as it should be has no finding', () => expect(zeroDowntimeFindings(subject())).toEqual([]));

test('every rule has cases', () => expect(Object.keys(cases).toSorted()).toEqual(Object.keys(zeroDowntimeRules).toSorted()));

const all = Object.entries(cases).flatMap(([id, each]) => each.map((one, index) => [`${id} ${index + 1}: ${one.says}`, id, one] as const));

test.each(all)('%s', (_name, id, { finds, level, says, passes }) => {
  const rule = zeroDowntimeRules[id];
  const found = rule?.(subject(finds)) ?? [];
  expect(found.length).toBeGreaterThan(0);
  const [hit] = found.filter(({ message }) => message.includes(says));
  expect(hit).toMatchObject({ id: `zd/${id}`, level, object: expect.stringMatching(/^[A-Z]\w+ \S+$/) });
  expect(hit?.fix.length).toBeGreaterThan(10);
  for (const parts of passes) expect((rule?.(subject(parts)) ?? []).filter(({ message }) => message.includes(says))).toEqual([]);
});

test('a secret is named and never shown', () => {
  const env = [{ name: 'DATABASE_URL', value: 'postgres://web:hunter2hunter2@db/shop' }];
  expect(JSON.stringify(zeroDowntimeFindings(subject({ containers: [good({ env })] })))).not.toContain('hunter2');
});

test('the owner of an app silences an id with a reason, and no other', () => {
  const app = subject({
    budgets: [],
    containers: [good({ lifecycle: undefined })],
    of: { annotations: { 'shepherd.dev/lint-ignore': 'pdb: nights are quiet; zd/prestop-missing:' } },
  });
  const found = withoutIgnored(zeroDowntimeFindings(app), app);
  expect(found.map(({ id, level }) => `${id} ${level}`)).toEqual(['zd/pdb note', 'zd/prestop-missing warning']);
  expect(found[0]?.message).toMatch(/^silenced \(nights are quiet\): no PodDisruptionBudget/);
});
