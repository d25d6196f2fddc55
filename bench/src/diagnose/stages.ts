/** What kwok makes of a node or a pod in a state: kwok knows none by itself. Each template is of the object's status. */
const stage = (name: string, kind: 'Node' | 'Pod', matchExpressions: readonly object[], statusTemplate: string): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, next: { statusTemplate } },
});

const notReady = { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'NotIn', values: ['True'] };

const nodeIsReady = `phase: Running
addresses:
- {type: InternalIP, address: {{ NodeIP | Quote }}}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
{{ end }}
`;

const podRuns = `phase: Running
startTime: {{ Now | Quote }}
{{ $ips := PodIPsWith .spec.nodeName false ( or .metadata.uid "" ) .metadata.name .metadata.namespace }}
podIP: {{ index $ips 0 | Quote }}
conditions:
{{ range $i, $type := list "Initialized" "ContainersReady" "Ready" }}
- {type: {{ $type | Quote }}, status: "True", lastTransitionTime: {{ Now | Quote }}}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  restartCount: 0
  state: {running: {startedAt: {{ Now | Quote }}}}
{{ end }}
`;

/** A configuration of kwok: nodes get ready, and the pods on them run. */
export const stages = (): string =>
  [
    stage('node-gets-ready', 'Node', [notReady], nodeIsReady),
    stage(
      'pod-runs',
      'Pod',
      [{ key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }, { key: '.status.phase', operator: 'In', values: ['Pending'] }, notReady],
      podRuns,
    ),
  ]
    .map((each) => JSON.stringify(each))
    .join('\n---\n');
