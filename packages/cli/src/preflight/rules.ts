/** What a finding is about, whichever message it has. */
export interface Rule {
  readonly title: string;
  /** Why it matters, in a sentence or two. */
  readonly why: string;
}

const rule = (title: string, why: string): Rule => ({ title, why });

/** Every id that a finding may have; docs/reference/preflight.md says which item of the guide each one covers. */
export const rules: Readonly<Record<string, Rule>> = {
  unreachable: rule('The cluster does not answer', 'A deploy could not even begin; the address, the network or the credential is wrong.'),
  rights: rule('A right is missing', 'The plan would be refused half way; every verb that it takes is asked about before the first write.'),
  'rights-optional': rule('A right that can be done without is missing', 'The rollout works, but what the right is for is not seen.'),
  'lock-held': rule('Another rollout of this app runs', 'One process writes to an app at a time.'),
  'unfinished-rollout': rule('A rollout was left unfinished', 'The next deploy takes it back first.'),
  unhealthy: rule('The version that serves is not well', 'Its trouble and that of the release could not be told apart, and the way back leads to it.'),
  'way-back': rule('The way back', 'Where this release goes back to if it fails.'),
  'way-back-bad': rule('The version that serves was taken back once', 'Going back leads to a version that failed before.'),
  'coarse-weight': rule('So few pods cannot split traffic that finely', 'The real share of a stage differs from the one asked for.'),
  refused: rule('A deploy would be refused', 'The error that it would end with.'),
  conflict: rule('Something else is in the way', 'An object is not what a rollout may write.'),
  journal: rule('The journal cannot be used', 'Without a journal no rollout can be taken up again after a crash.'),
  tool: rule('A tool is missing or too old', 'Only tools that this release uses are looked at.'),
  'tool-failed': rule('A tool failed', 'The deploy would fail in the same way.'),
  'helm-pending': rule('A helm release is unfinished', 'Helm refuses to touch it until somebody finishes or forgets it.'),
  'helm-lint': rule('helm lint objects to the chart', 'A chart that does not lint fails at the cluster, or does not do what it says.'),
  'chart-rolling-only': rule('This chart can be released by rolling update alone', 'The strategy that was asked for cannot be done with it.'),
  paused: rule('The Deployment is paused', 'No pod would be replaced.'),
  'no-replicas': rule('The app wants no pods', 'The release is written, but nothing runs it.'),
  'name-taken': rule("The candidate's name is taken", 'Canary and blue/green make a Deployment of that name beside the app.'),
  'no-service': rule('A Service that was named does not exist', 'No traffic could be moved.'),
  'selects-nothing': rule('A Service selects no pod of the app', 'Its traffic would never reach the release.'),
  'secret-env': rule('A plain variable has the name of a secret', 'Its value stands in the Deployment and in the journal.'),
  'two-autoscalers': rule('Two autoscalers move the same pods', 'They fight, and holding one does not hold the pods.'),
  'autoscaler-paused': rule('The autoscaler is paused while the rollout runs', 'Nothing adds pods when the load grows.'),
  'zd/surge-zero': rule('Pods go before new ones are there', 'Recreate, or a rolling update without surge and slack, stops a pod before its successor serves.'),
  'zd/history-limit': rule('Too few old revisions are kept', 'What is not kept cannot be gone back to.'),
  'zd/prestop-missing': rule(
    'Pods end at once',
    'Endpoint removal and shutdown run in parallel and nothing waits: without a preStop that sleeps, requests reach pods that have stopped listening.',
  ),
  'zd/readiness-missing': rule('No readiness probe', 'A pod gets requests as soon as its process runs, before it can answer them.'),
  'zd/single-replica': rule('Too few pods stay', 'One pod, or as many unavailable as there are, means moments without any.'),
  'zd/quota': rule('No room for the pods of an update', 'New pods are refused by a quota, and the rollout stands still until its deadline.'),
};

const unknown = rule('Finding of an adapter', 'See the message.');

/** The rule of an id; those of adapters that are not ours have none. */
export const ruleOf = (id: string): Rule =>
  rules[id] ??
  (id.startsWith('prometheus-') ? rule('Metrics cannot be relied on', 'A release that is judged by them would be held or judged wrongly.') : unknown);
