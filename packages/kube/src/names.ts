/** Every label and annotation of ours begins so. */
const prefix = 'shepherd.dev/';

export const names = {
  /** On the candidate, its pods and the preview Service. */
  track: `${prefix}track`,
  rolloutId: `${prefix}rollout-id`,
  /** On what a rollout makes: what it is for, by which strategy, and where the run that asked for it is to be seen. */
  role: `${prefix}role`,
  strategy: `${prefix}strategy`,
  runUrl: `${prefix}run-url`,
  /** Fence of the last writer (RR LK-4). */
  fence: `${prefix}fence`,
  /** Hash of the release that a candidate runs. */
  hash: `${prefix}hash`,
  app: `${prefix}app`,
  /** R, while a rollout holds stable at other counts. */
  replicas: `${prefix}replicas`,
  /** Pods that a rollout wants of a Deployment: another count is somebody else's. */
  desired: `${prefix}desired-replicas`,
  /** On a candidate: hash of the template as it was made, its isolation, the Services that the app had then. */
  made: `${prefix}template-hash`,
  isolated: `${prefix}isolated`,
  services: `${prefix}services`,
  /** The selector that a Service had before the switch. */
  selector: `${prefix}original-selector`,
  /** On an autoscaler: the fields that a rollout changed, as they were. */
  original: `${prefix}original`,
  preview: `${prefix}preview`,
  /** The controller that Events name. */
  engine: `${prefix}engine`,
  journal: `${prefix}journal`,
  incidents: `${prefix}incidents`,
  /** On a ReplicaSet: verified, or taken back and why. */
  verified: `${prefix}verified`,
  bad: `${prefix}bad`,
  /** Who had it released or brought back, and why. */
  by: `${prefix}by`,
  reason: `${prefix}reason`,
  /** What the revision runs with beside its template. */
  kept: `${prefix}kept`,
  /** On a copy of a ConfigMap or Secret: the app whose revision it belongs to. */
  keptFor: `${prefix}kept-for`,
  /** Set by the user on a Deployment: its pods serve on for a while after SIGTERM. */
  drains: `${prefix}drains`,
  /** Set by the user on a Deployment: how long its app keeps idle connections. */
  keepAlive: `${prefix}keep-alive`,
  /** Set by the user on a Deployment: `zd/pdb: reason`. */
  lintIgnore: `${prefix}lint-ignore`,
} as const;

/** Of kubectl, on pod templates: whatever restarts says when. */
export const restartedAtAnnotation = 'kubectl.kubernetes.io/restartedAt';

export const isOurs = (name: string): boolean => name.startsWith(prefix);
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const templateHashLabel = 'pod-template-hash';
