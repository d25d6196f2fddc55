import { type Asked, type Finding, type PlanNeeds, type PortContext, ShepherdError } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { configRefs } from '../companions/refs.js';
import { type Budget, type Deployment, type Hpa, type Ingress, type Pod, type PodTemplate, paths, type Service, selects } from '../objects.js';
import type { KubeRelease } from '../options.js';
import { candidateManifest, otherColour } from '../releases/candidate.js';
import { deploymentOf } from '../releases/manifests.js';
import type { KubeReleases } from '../releases/releases.js';
import { labelsOf, type Workload } from '../workload.js';
import { withoutIgnored, zeroDowntimeFindings } from '../zero-downtime/rules.js';
import { autoscalersOf, type Subject } from '../zero-downtime/subject.js';
import { accessFindings, wishFindings } from './access.js';
import { dryRunFindings } from './dry-runs.js';
import { type LimitRange, limitRangeFindings, withDefaults } from './limits.js';
import { type Node, nodeFindings } from './nodes.js';
import { referenceFindings } from './references.js';
import { common, readsOfPreflight, rightsOf, rightsOfChart, wishes, wishesOfKept } from './rights.js';
import { newcomersOf, roomFindings } from './room.js';
import { readVersion, serverFindings } from './server.js';

/** Everything that stands in the way of this release, as far as the cluster tells. Writes nothing; what may not be read is named (KC 13, DG-6). */
export function examine(cluster: Cluster, releases: KubeReleases, context: PortContext, { release, needs }: Asked<KubeRelease>): Promise<readonly Finding[]> {
  return translated(context, `look at ${context.app.name} before a release`, async () => {
    const [{ workload, template, manifest }, version] = await Promise.all([previewOf(releases, context, { release, needs }), readVersion(cluster, context)]);
    const { subject, ranges, nodes, pods } = await lookAround(cluster, context, { workload, template, manifest }, { release, needs, minor: version.minor });
    const whole = withDefaults(template, ranges);
    const newcomers = newcomersOf(workload.stable, needs, whole);
    const found = await Promise.all([
      serverFindings(cluster, context, version),
      accessFindings(cluster, context, [...common, ...rightsOf(needs), ...(needs.beside === undefined ? [] : rightsOfChart(needs.beside))]),
      wishFindings(cluster, context, [...wishes, ...readsOfPreflight, ...wishesOfKept(keptKinds(workload.stable.spec.template, template))]),
      referenceFindings(cluster, context, { template, beside: needs.beside }),
      roomFindings(cluster, context, newcomers),
      dryRunFindings(cluster, context, { workload, template, needs, autoscalers: heldBy(needs, subject) }),
    ]);
    return withoutIgnored(
      [
        ...found.flat(),
        ...limitRangeFindings(ranges, template),
        ...(nodes === undefined || pods === undefined ? [] : nodeFindings(nodes, pods, newcomers)),
        ...zeroDowntimeFindings(subject),
      ],
      subject,
    );
  });
}

/** What a way back puts back beside the template: of the version that serves, and of the one that comes. */
const keptKinds = (...templates: readonly PodTemplate[]): ReadonlySet<'ConfigMap' | 'Secret'> => new Set(templates.flatMap(configRefs).map(({ kind }) => kind));

/** Autoscalers that the plan holds. */
const heldBy = ({ autoscaler }: PlanNeeds, subject: Subject): readonly Hpa[] =>
  autoscaler ? autoscalersOf(subject).filter(({ metadata }) => metadata.uid !== undefined) : [];

interface Preview {
  readonly workload: Workload;
  readonly template: PodTemplate;
  readonly manifest: Deployment | undefined;
}

/** The app as it is, or as the manifests of its first release make it. */
async function previewOf(releases: KubeReleases, context: PortContext, { release, needs }: Asked<KubeRelease>): Promise<Preview> {
  try {
    return await releases.preview(context, release);
  } catch (error) {
    if (!ShepherdError.is(error, 'ERR_APP_NOT_FOUND') || !('manifests' in release)) throw error;
    const { namespace, name } = context.app;
    const manifest = await deploymentOf(release.manifests, name);
    const { template } = manifest.spec;
    const services = (coming(needs.beside ?? [])('Service') as readonly Service[]).filter(({ spec }) => selects(spec.selector, template.metadata?.labels));
    return { workload: { namespace, name, stable: manifest, candidate: undefined, services, previews: [], roles: 'keep' }, template, manifest };
  }
}

interface Around {
  readonly subject: Subject;
  readonly ranges: readonly LimitRange[];
  readonly nodes: readonly Node[] | undefined;
  readonly pods: readonly Pod[] | undefined;
}

async function lookAround(
  cluster: Cluster,
  { app, signal }: PortContext,
  { workload, template, manifest }: Preview,
  { needs, minor }: Asked<KubeRelease> & { readonly minor: number | undefined },
): Promise<Around> {
  const list = <T extends KubeObject>(path: string): Promise<readonly T[] | undefined> =>
    readable(async () => (await cluster.api.list<T>(path, { signal })).items);
  const { namespace } = app;
  const [deployments, services, budgets, autoscalers, ingresses, ranges, nodes, pods, space] = await Promise.all([
    list<Deployment>(paths.deployments(namespace)),
    list<Service>(paths.services(namespace)),
    list<Budget>(paths.budgets(namespace)),
    list<Hpa>(paths.autoscalers(namespace)),
    list<Ingress>(paths.ingresses(namespace)),
    list<LimitRange>(paths.limitRanges(namespace)),
    list<Node>('/api/v1/nodes'),
    list<Pod>('/api/v1/pods'),
    readable(() => cluster.find(`/api/v1/namespaces/${namespace}`, signal)),
  ]);
  const beside = coming(needs.beside ?? []);
  const ours = new Set([workload.stable.metadata.name, workload.candidate?.metadata.name]);
  const serving = new Set(workload.services.map(({ metadata }) => metadata.name));
  const written = needs.beside === undefined ? undefined : manifest;
  const subject: Subject = {
    deployment: { ...workload.stable, spec: { ...workload.stable.spec, ...fieldsOf(written), template } },
    live: workload.stable.metadata.uid === undefined ? undefined : workload.stable,
    manifest: written,
    others: (deployments ?? []).filter(({ metadata }) => !ours.has(metadata.name)),
    services: replaced(workload.services, beside('Service') as readonly Service[]),
    otherServices: (services ?? []).filter(({ metadata }) => !serving.has(metadata.name)),
    apart: needs.isolated === true ? labelsApart(workload, template) : undefined,
    budgets: merged(budgets, beside('PodDisruptionBudget') as readonly Budget[]),
    autoscalers: merged(autoscalers, beside('HorizontalPodAutoscaler') as readonly Hpa[]),
    ingresses: merged(ingresses, beside('Ingress') as readonly Ingress[]),
    namespaceLabels: space?.metadata.labels,
    nodes: nodes?.length,
    serverMinor: minor,
    needs,
  };
  return { subject, ranges: ranges ?? [], nodes, pods };
}

/** What a chart says of the Deployment beside its template. */
function fieldsOf(manifest: Deployment | undefined): Partial<Deployment['spec']> {
  if (manifest === undefined) return {};
  const { selector: _, template: __, ...fields } = manifest.spec;
  return fields;
}

const coming =
  (objects: readonly object[]) =>
  (kind: string): readonly KubeObject[] =>
    (objects as readonly KubeObject[]).filter((each) => each.kind === kind);

/** Those that are there, as the chart will make them. */
const replaced = <T extends KubeObject>(live: readonly T[], written: readonly T[]): readonly T[] =>
  live.map((each) => written.find(({ metadata }) => metadata.name === each.metadata.name) ?? each);

/** The same with those that the chart adds; nothing is known where nothing may be read and nothing comes. */
function merged<T extends KubeObject>(live: readonly T[] | undefined, written: readonly T[]): readonly T[] | undefined {
  if (live === undefined) return written.length === 0 ? undefined : written;
  const known = new Set(live.map(({ metadata }) => metadata.name));
  return [...replaced(live, written), ...written.filter(({ metadata }) => !known.has(metadata.name))];
}

/** Labels of the pods that the switch would send traffic to. */
function labelsApart(workload: Workload, template: PodTemplate) {
  const input = { workload, template, replicas: 0, hash: 'preflight', context: { rolloutId: 'preflight', fence: 0 } };
  return labelsOf((workload.roles === 'swap' ? otherColour(input) : candidateManifest({ ...input, isolated: true })) as Deployment);
}

/** Undefined where it is forbidden, or the cluster does not have the kind. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (KubeError.is(error, 403) || KubeError.is(error, 404)) return undefined;
    throw error;
  }
}
