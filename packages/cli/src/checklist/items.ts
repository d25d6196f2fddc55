/** When a list is gone through. */
export const phases = ['pre', 'during', 'post'] as const;
export type Phase = (typeof phases)[number];

/** One item of the guide's checklists. */
export interface Item {
  /** `I8`; stable. */
  readonly id: string;
  readonly phase: Phase;
  readonly section: string;
  readonly text: string;
  /** Who ticks it: `evidence` alone, a person, or either, where evidence cannot always be had. */
  readonly by: 'evidence' | 'person' | 'either';
  /** Where evidence is looked for. */
  readonly source?: string | undefined;
}

type Row = readonly [id: number, text: string, by: Item['by'], source?: string];

const rows: Readonly<Record<Phase, Readonly<Record<string, readonly Row[]>>>> = {
  pre: {
    'Code review': [
      [1, 'All changes are reviewed by a peer', 'either', 'approved pull request of the commit, in GitHub Actions'],
      [2, 'Security review, if it is required', 'person'],
      [3, 'Impact on performance is assessed', 'person'],
    ],
    Testing: [
      [4, 'Unit tests pass, and cover all new code', 'either', 'check runs of the commit, in GitHub Actions'],
      [5, 'Integration tests pass', 'either', 'check runs of the commit, in GitHub Actions'],
      [6, 'End-to-end tests pass', 'either', 'check runs of the commit, in GitHub Actions'],
      [7, 'Load test, if it applies', 'person'],
    ],
    Environment: [
      [8, 'The release succeeded in staging', 'either', 'verified revisions of the environment that requireEnv names'],
      [9, 'The configuration is valid', 'evidence', 'preflight'],
      [10, 'Secrets are updated, if it is required', 'either', 'preflight finds them; a person knows what is in them'],
      [11, 'Database migrations are tested', 'person'],
    ],
    Operations: [
      [12, 'Dashboards are ready', 'person'],
      [13, 'Alert rules are updated', 'either', 'rules of Prometheus that name the app or its namespace'],
      [14, 'Somebody is on call', 'person'],
      [15, 'The way back is planned', 'evidence', 'revisions that can be gone back to'],
    ],
    Communication: [
      [16, 'Stakeholders are told', 'person'],
      [17, 'The window is scheduled', 'either', 'windows of the config'],
      [18, 'The change request is approved, if it is required', 'person'],
    ],
  },
  during: {
    'Before the first write': [
      [19, 'The cluster is reached', 'evidence', 'this command'],
      [20, 'Secrets exist', 'evidence', 'preflight, with the flags of a release, or the rollout that began after it'],
      [21, 'The chart lints', 'evidence', 'preflight, with the flags of a release'],
      [22, 'The dry run is clean', 'evidence', 'preflight, with the flags of a release'],
    ],
    Execution: [
      [23, 'The strategy is chosen', 'evidence', 'plan of the rollout'],
      [24, 'The command is executed', 'evidence', 'journal'],
      [25, 'Monitoring is active', 'evidence', 'verdicts of the rollout that rest on metrics'],
      [26, 'Health checks pass', 'evidence', 'verification'],
    ],
    Live: [
      [27, 'Pods are healthy', 'evidence', 'verification'],
      [28, 'Endpoints are updated', 'evidence', 'verification'],
      [29, 'The error rate is normal', 'evidence', 'newest verdict that rests on metrics'],
      [30, 'Response times are acceptable', 'evidence', 'newest verdict that rests on metrics'],
    ],
  },
  post: {
    Validation: [
      [31, 'The health endpoint answers 200', 'evidence', 'verification'],
      [32, 'The API answers as it should', 'evidence', 'verification'],
      [33, 'The database is connected', 'evidence', 'health answer'],
      [34, 'Metrics are served', 'evidence', 'verification'],
    ],
    Monitoring: [
      [35, 'Metrics of the app are normal', 'either', 'newest verdict that rests on metrics'],
      [36, 'Error logs are looked at', 'person', 'diagnosis shows them'],
      [37, 'A performance baseline is set', 'evidence', 'shepherd baseline'],
      [38, 'No alert fires', 'either', 'Prometheus'],
    ],
    Documentation: [
      [39, 'The deployment is logged', 'evidence', 'journal'],
      [40, 'Changes of the configuration are documented', 'either', 'ConfigMaps and Secrets of the revision, by hash'],
      [41, 'Known issues are written down', 'person'],
      [42, 'The plan for the way back is updated', 'evidence', 'revisions that can be gone back to'],
    ],
    Communication: [
      [43, 'Success is announced', 'either', 'notices of the rollout'],
      [44, 'Stakeholders are told', 'either', 'notices of the rollout'],
      [45, 'Support is told', 'either', 'a channel called support'],
      [46, 'A post-mortem is planned, if there was trouble', 'either', 'outcome of the rollout'],
    ],
  },
};

/** All 46, in the guide's order. */
export const items: readonly Item[] = phases.flatMap((phase) =>
  Object.entries(rows[phase]).flatMap(([section, list]) =>
    list.map(([id, text, by, source]): Item => ({ id: `I${id}`, phase, section, text, by, ...(source === undefined ? {} : { source }) })),
  ),
);
