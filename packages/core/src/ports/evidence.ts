/** What a field of evidence may hold; `?`: may be missing. */
interface FieldTypes {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly texts: readonly string[];
  readonly table: Readonly<Record<string, string>>;
}
type FieldKind = keyof FieldTypes | `${keyof FieldTypes}?`;
type Shape = Readonly<Record<string, FieldKind>>;
type DataOf<S extends Shape> = {
  readonly [K in keyof S as S[K] extends `${string}?` ? never : K]: S[K] extends keyof FieldTypes ? FieldTypes[S[K]] : never;
} & {
  readonly [K in keyof S as S[K] extends `${string}?` ? K : never]?: S[K] extends `${infer T extends keyof FieldTypes}?` ? FieldTypes[T] | undefined : never;
};

/**
 * What a platform may tell of an app, by source: the types and what core checks at the door are one. `pod`: name of a pod. `current`: of the newest template.
 * `age`, `startup`: in seconds.
 */
export const evidenceShapes = {
  /** A track's workload. `late`: the platform gave up waiting for progress, in its words. `refused`: why it may not make pods. */
  workload: {
    track: 'text',
    replicas: 'number',
    made: 'number',
    ready: 'number',
    updated: 'number',
    paused: 'flag',
    seen: 'flag',
    late: 'text?',
    refused: 'text?',
  },
  /** `unplaced`: why no node takes it; `fitting`: how many nodes have the labels that it asks for, where it asks for some. `age`: since it was made. */
  pod: {
    workload: 'text',
    current: 'flag',
    ready: 'flag',
    leaving: 'flag',
    phase: 'text',
    reason: 'text?',
    message: 'text?',
    node: 'text?',
    unplaced: 'text?',
    fitting: 'number?',
    age: 'number',
  },
  /** `state`: waiting, running or terminated, with its reason; `ended…`: how it ended last. `probe` and `liveness`: `GET :8080/api/health`. `startup`: how long it may take until its probe counts. */
  container: {
    pod: 'text',
    name: 'text',
    current: 'flag',
    ready: 'flag',
    image: 'text',
    state: 'text',
    reason: 'text?',
    message: 'text?',
    age: 'number?',
    restarts: 'number',
    endedReason: 'text?',
    endedCode: 'number?',
    endedMessage: 'text?',
    memoryLimit: 'text?',
    ports: 'texts',
    probe: 'text?',
    probePort: 'text?',
    liveness: 'text?',
    startup: 'number?',
  },
  /** The last lines of a container, without what looks like a credential. `previous`: of before its last restart. */
  log: { pod: 'text', container: 'text', previous: 'flag', lines: 'texts' },
  /** What the platform noted about an object of the app. */
  note: { about: 'text', level: 'text', reason: 'text', message: 'text', count: 'number', age: 'number' },
  /** What was heard when a port of a pod was asked over HTTP. `status` 0: nothing; then `said` is why. `open`: something listens. `role`: probe, target or declared. */
  answer: { pod: 'text', port: 'text', path: 'text', status: 'number', open: 'flag', said: 'text?', role: 'text' },
  /** `differs`: keys of the selector that the pods do not have, `app=webb, pods have app=web`. `targets`: ports it sends to; `unknown`: those that no container names. */
  service: { selected: 'number', endpoints: 'number', ready: 'number', differs: 'texts', targets: 'texts', unknown: 'texts', declared: 'texts' },
  /** `ready`: True, False or Unknown. `pods`: those of the app on it. */
  node: { ready: 'text', message: 'text?', cordoned: 'flag', pressure: 'texts', pods: 'texts' },
  quota: { hard: 'table', used: 'table' },
  /** `active` false: it cannot read what it scales by. `limited`: it would do more, were it allowed to. */
  autoscaler: { min: 'number', max: 'number', current: 'number', wanted: 'number', active: 'flag', limited: 'flag', message: 'text?' },
  /** `allowed`: pods of the app that may be evicted now. */
  budget: { allowed: 'number', healthy: 'number', needed: 'number', pods: 'number' },
  /** Something that the template names. `key`: the part of it. `missing`: what is not there: object or key; none if all is. `unread`: it was not looked for, or may not be. `for`: start, mount or pull. */
  reference: { kind: 'text', name: 'text', key: 'text?', missing: 'text?', unread: 'flag?', for: 'text', optional: 'flag', type: 'text?' },
  /**
   * What the registry of an image says of it to somebody without a login, asked from where the platform's adapter runs. `says`: there, not-found, denied,
   * rate-limit, failing, unreachable, unasked (by rule, `said` is which) or other. `status` 0: no answer came.
   */
  registry: { image: 'text', host: 'text', says: 'text', status: 'number', said: 'text?' },
  /** `dns`, `tcp`, `auth`: ok, failed or unknown. `from`: where it was asked from. */
  dependency: { name: 'text', address: 'text', dns: 'text', tcp: 'text', auth: 'text', said: 'text?', from: 'text' },
  /** What a pod uses: thousandths of a core, MiB; limits where it has them. */
  usage: { pod: 'text', cpu: 'number', memory: 'number', cpuLimit: 'number?', memoryLimit: 'number?' },
  /** What could not be read, and why: forbidden, timeout or failed. `right`: what is missing, `list nodes`. */
  unread: { reason: 'text', right: 'text?', message: 'text?' },
} as const satisfies Readonly<Record<string, Shape>>;

/** Where a piece of evidence was read. */
export type EvidenceSource = keyof typeof evidenceShapes;

/** One thing that was read about an app. JSON. */
export interface EvidenceOf<S extends EvidenceSource> {
  readonly source: S;
  /** `Pod web-5d9c-x2x4z`. */
  readonly object: string;
  /** What a person runs to see the same. */
  readonly check: string;
  readonly data: DataOf<(typeof evidenceShapes)[S]>;
}

/** A piece of evidence of any source. */
export type PlatformEvidence = { readonly [S in EvidenceSource]: EvidenceOf<S> }[EvidenceSource];

/** What a platform is asked beside what it always tells. */
export interface EvidenceAsked {
  readonly dependencies: readonly Dependency[];
  /** False: nothing that the templates name (ConfigMaps, Secrets) is looked for, and each is told as `unread`. @default true */
  readonly references?: boolean | undefined;
  /** The registries of the images are asked, too. `allowPrivate`: also those whose address is not of the internet. @default none is */
  readonly registries?: { readonly allowPrivate?: boolean | undefined } | undefined;
}

/** Something that an app needs and that is not part of it, as whoever asks declares it. */
export interface Dependency {
  /** `mongodb`. */
  readonly name: string;
  /** Host and port: `mongodb-0.mongodb-headless.mongodb.svc:27017`. A name of the cluster is looked up there, another one from this process. */
  readonly address: string;
  /** A path of the app that logs in there and answers 2xx if it could. @default whether it may log in is told by the app's log alone */
  readonly auth?: string | undefined;
}
