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
  'incident-open': rule(
    'Data corruption or a security incident is open',
    'Nothing new is begun until a person resolves it, or says that the release is meant for it.',
  ),
  'way-back-bad': rule('The version that serves was taken back once', 'Going back leads to a version that failed before.'),
  'coarse-weight': rule('So few pods cannot split traffic that finely', 'The real share of a stage differs from the one asked for.'),
  'exec-unsupported': rule('The platform runs no commands in pods', 'A check of the release asks for one, and would be an error once pods were replaced.'),
  refused: rule('A deploy would be refused', 'The error that it would end with.'),
  conflict: rule('Something else is in the way', 'An object is not what a rollout may write.'),
  journal: rule('The journal cannot be used', 'Without a journal no rollout can be taken up again after a crash.'),
  tool: rule('A tool is missing or too old', 'Only tools that this release uses are looked at.'),
  'tool-failed': rule('A tool failed', 'The deploy would fail in the same way.'),
  'helm-pending': rule('A helm release is unfinished', 'Helm refuses to touch it until somebody finishes or forgets it.'),
  'helm-lint': rule('helm lint objects to the chart', 'A chart that does not lint fails at the cluster, or does not do what it says.'),
  'chart-candidate': rule('This release of a chart can only be rolled', 'Two versions of it cannot run side by side, so canary and blue/green cannot be done.'),
  helm: rule('The helm that is used', 'Its version; only looked at for charts.'),
  'helm-old': rule('The helm that is used lacks security fixes', 'It works, and a newer patch of the same line is safer.'),
  'helm-repos': rule('Repositories of charts', 'Listed and refreshed with --helm-repos; a deploy never refreshes by itself.'),
  'notifier-secret': rule('A channel has no secret', 'Nobody would be told by it; the rollout itself does not depend on it.'),
  'notifier-address': rule(
    "A channel's address is not allowed",
    'Notices go over https to addresses of the internet only, unless allowPrivate says otherwise.',
  ),
  'notifier-unknown': rule('A channel could not be looked at', 'Whether it works is not known; the rollout itself does not depend on it.'),
  'escalation-missing': rule(
    'Nobody is called',
    'Outages, failed rollbacks and security incidents need somebody who is called: senior engineering, or on-call.',
  ),
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
  'zd/liveness-same': rule(
    'Liveness asks what readiness asks',
    'What takes a pod out of traffic for a while then restarts it as well, and all of them at once.',
  ),
  'zd/image-tag': rule(
    'The image is not named for good',
    'latest, or no tag at all, means another version on each node and after each restart; a tag without a digest can be moved.',
  ),
  'zd/pdb': rule(
    'The disruption budget does not guard the pods',
    'Without a budget that fits, a drained node takes several pods at once, or cannot be drained at all.',
  ),
  'zd/grace-budget': rule(
    'preStop and drain do not fit into the grace period',
    'The period begins with preStop; what is not over at its end is killed in the middle of its requests.',
  ),
  'zd/prestop-shell': rule('preStop runs what the image likely does not have', 'Then there is no pause, and nothing in the rollout says so.'),
  'zd/prestop-version': rule('preStop.sleep on a server that does not know it', 'Kubernetes does it by default from 1.30 on.'),
  'zd/prestop-router': rule(
    'preStop is shorter than the router takes',
    'A load balancer outside of the cluster sends requests to a pod for a while after it has left.',
  ),
  'zd/min-ready': rule(
    'The next old pod goes at once',
    'A new pod counts as available the moment it is ready, before metrics or a load balancer have seen it.',
  ),
  'zd/deadline': rule('Deadlines do not fit', 'A healthy slow start is taken for a failure, or a stuck rollout ends without a reason.'),
  'zd/selector-change': rule(
    'The selector changes, or catches the pods of others',
    'A selector cannot be changed; two Deployments that select the same pods fight over them.',
  ),
  'zd/selector-catches-both': rule('A Service selects both versions', 'Users reach the new version before anybody looked at it.'),
  'zd/hpa-replicas': rule('The chart writes replicas that an autoscaler moves', 'Each release sets the app back to what the chart says, whatever the load.'),
  'zd/alb-gate': rule('Pods are ready before the load balancer knows them', 'Old pods go while new ones have no traffic yet.'),
  'zd/local-policy': rule('Traffic stays on its node, with few pods a node', 'Where the only pod of a node goes, requests to that node are lost.'),
  'zd/managed-by': rule('Somebody else owns what a rollout writes', 'GitOps or Helm puts back what it knows.'),
  'zd/keep-alive': rule('The app closes idle connections before the router does', 'The router sends a request over a connection that is just being closed.'),
  'zd/ingress-nginx': rule('ingress-nginx is retired', 'It gets no fixes any more.'),
  'zd/secret-literal': rule('A credential stands in the Deployment', 'Everybody who may read it sees it. Values are never shown here.'),
  server: rule('Where it would be written to', 'Server, version, context and namespace.'),
  'server-old': rule('The server is too old', 'Something that a rollout uses is not stable there.'),
  'missing-reference': rule('Something that the pods refer to is missing', 'No pod starts without it: a ConfigMap, a Secret, a key or a claim.'),
  'required-secret': rule('A required Secret or key is missing', 'requiredSecrets of the config names it. Values are never shown.'),
  'references-unseen': rule('Something that the pods refer to may not be read', 'Whether it is there is not known.'),
  'dry-run': rule(
    'The server refuses a write of the plan',
    'Every write of the plan is tried as a dry run: admission, validation and quotas speak before anything is stored.',
  ),
  'limit-range': rule('A LimitRange refuses the pods', 'Their resources are outside of its bounds.'),
  'node-room': rule('The nodes have no room for the pods of an update', 'Some would wait until a node is added or others go.'),
};

const unknown = rule('Finding of an adapter', 'See the message.');

/** The rule of an id; those of adapters that are not ours have none. */
export const ruleOf = (id: string): Rule =>
  rules[id] ??
  (id.startsWith('prometheus-') ? rule('Metrics cannot be relied on', 'A release that is judged by them would be held or judged wrongly.') : unknown);
