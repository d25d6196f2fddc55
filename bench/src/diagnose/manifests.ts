import { image } from '../lab/index.js';

/** A Kubernetes object to apply. */
export type Manifest = Readonly<Record<string, unknown>>;

export interface WebParts {
  /** @default 1 */
  readonly replicas?: number;
  readonly container?: Manifest;
  /** Of the pod. */
  readonly pod?: Manifest;
  /** Of the Deployment. */
  readonly spec?: Manifest;
  readonly selector?: Readonly<Record<string, string>>;
  readonly targetPort?: number | string;
}

const labels = { app: 'web' };
export const health = { httpGet: { path: '/api/health', port: 8080 }, periodSeconds: 1 };

/** The app `web` and its Service, with one thing that is wrong. */
export function web({ replicas = 1, container = {}, pod = {}, spec = {}, selector = labels, targetPort = 8080 }: WebParts = {}): readonly Manifest[] {
  const main = {
    name: 'web',
    image: image('1.0.0'),
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: health,
    ...container,
  };
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [main], ...pod } };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: labels }, template, ...spec } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector, ports: [{ port: 80, targetPort }] } },
  ];
}

/** A container that runs this program on Node. */
export const program = (source: string): Manifest => ({ image: 'shepherd.test/node:20', command: ['/bin/node', '-e', source] });

/** Serves these paths, and 404 for the others. */
export const serving = (answers: Readonly<Record<string, number>>, port = 8080): Manifest =>
  program(`const a=${JSON.stringify(answers)};require('http').createServer((q,s)=>{s.statusCode=a[q.url]??404;s.end('login refused')}).listen(${port})`);
