/** Where a cause lies: whom to call. */
export type CauseClass = 'app' | 'config' | 'capacity' | 'dependency' | 'infra' | 'none';

/** Every cause that can be found, with its class. The order is how near it is to the root: where several hold, the first explains the others. */
export const causeClasses = {
  'node-not-ready': 'infra',
  'node-pressure': 'infra',
  'webhook-unreachable': 'infra',
  'quota-exceeded': 'capacity',
  'admission-refused': 'config',
  'service-account-missing': 'config',
  'configmap-missing': 'config',
  'secret-missing': 'config',
  'key-missing': 'config',
  'volume-not-mounted': 'infra',
  'image-name-invalid': 'config',
  'image-not-on-node': 'config',
  'image-not-found': 'config',
  'image-denied': 'config',
  'registry-rate-limit': 'dependency',
  'registry-unreachable': 'dependency',
  'pull-failed': 'dependency',
  'unschedulable-resources': 'capacity',
  'unschedulable-taint': 'config',
  'unschedulable-affinity': 'config',
  'unschedulable-volume': 'config',
  'unschedulable-cordon': 'capacity',
  unschedulable: 'capacity',
  'dependency-dns': 'dependency',
  'dependency-tcp': 'dependency',
  'dependency-auth': 'dependency',
  'container-refused': 'config',
  'start-failed': 'config',
  'out-of-memory': 'capacity',
  'probe-misconfigured': 'config',
  'app-unhealthy': 'app',
  crash: 'app',
  'command-ends': 'config',
  'pod-failed': 'infra',
  paused: 'config',
  'scaled-to-zero': 'config',
  'selector-mismatch': 'config',
  'port-mismatch': 'config',
  'progress-deadline': 'app',
  starting: 'none',
  unknown: 'none',
  'autoscaler-at-max': 'capacity',
  'autoscaler-blind': 'infra',
  'cpu-at-limit': 'capacity',
  'budget-blocks': 'config',
  healthy: 'none',
} as const satisfies Readonly<Record<string, CauseClass>>;

export type CauseCode = keyof typeof causeClasses;

/** One sentence that a person can check, and by which command. */
export interface CheckableEvidence {
  readonly summary: string;
  readonly check: string;
}

/** A cause without evidence is a guess. */
export type SomeEvidence = readonly [CheckableEvidence, ...CheckableEvidence[]];

/** Why an app is not well, or that it is. JSON. */
export interface FoundCause {
  readonly code: CauseCode;
  readonly class: CauseClass;
  /** `Pod web-5d9c-x2x4z`. */
  readonly object: string;
  readonly summary: string;
  readonly evidence: SomeEvidence;
  /** `certain`: the platform says so; `likely`: nothing else explains it as well; `possible`: worth a look. */
  readonly confidence: 'certain' | 'likely' | 'possible';
  /** What mends it. */
  readonly fix: string;
  /** The next command. */
  readonly next: string;
}

/** What a rule finds. */
export type Hint = Omit<FoundCause, 'class'>;
