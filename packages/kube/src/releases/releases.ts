import {
  type Outlook,
  type PortContext,
  type ReleaseInfo,
  type Releases,
  type Revision,
  type RevisionMark,
  ShepherdError,
  type WriteContext,
} from '@shepherd/core';
import { KubeError } from '../api/index.js';
import { type Cluster, checkFence, translated } from '../cluster.js';
import { companionsOf, findingsOf, keep, putBackConfig, putBackSettings } from '../companions/companions.js';
import { names } from '../names.js';
import { annotation, type Deployment, type PodTemplate, paths, type ReplicaSet, type Service } from '../objects.js';
import type { KubeRelease } from '../options.js';
import { isIsolated, labelsOf, readWorkload, refuseServing, type Workload } from '../workload.js';
import { awaitGone } from './await-gone.js';
import { candidateManifest, otherColour, previewManifest, promotedTemplate } from './candidate.js';
import { changeCause, changeCauseAnnotation } from './change-cause.js';
import { deploymentOf } from './manifests.js';
import { releasePatch, type TemplateChange, templateAfter } from './release-patch.js';
import { incomplete, longestReason, markOf, restoredTemplate, unknownRevision } from './restoring.js';
import { identityOf, revisionOf, revisionsOf } from './revision.js';
import { templateHash } from './template-hash.js';

type To = Parameters<Releases<KubeRelease>['apply']>[2];

const forms = ['image', 'images', 'env', 'patch', 'manifests'] as const;

/** Images, environment and templates of Deployments. */
export class KubeReleases implements Releases<KubeRelease> {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  accepts(release: unknown): boolean {
    return typeof release === 'object' && release !== null && forms.some((form) => form in release);
  }

  identify(context: PortContext, release: KubeRelease): Promise<ReleaseInfo & { readonly hash: string }> {
    return translated(context, `read ${context.app.name}`, async () => {
      const { workload, template, version } = await this.preview(context, release);
      const images = template.spec.containers.map(({ image }) => image ?? '');
      return { version, images, irreversible: release.irreversible ?? false, hash: templateHash(template, identityOf(workload)) };
    });
  }

  /** The app as it is, and the template that the release makes of it, with the server's defaults. Stores nothing. */
  async preview(
    context: PortContext,
    release: KubeRelease,
  ): Promise<{ readonly workload: Workload; readonly template: PodTemplate; readonly version: string; readonly manifest: Deployment | undefined }> {
    const workload = await readWorkload(this.#cluster.at(context), context.app, context.signal);
    const change = await this.#change(context, workload, release);
    const manifest = 'manifests' in release ? await deploymentOf(release.manifests, workload.stable.metadata.name) : undefined;
    return { workload, template: await this.#dryRun(context, workload.stable, change), version: change.version, manifest };
  }

  /** The same without asking the server. */
  async sketch(context: PortContext, workload: Workload, release: KubeRelease): Promise<PodTemplate> {
    return templateAfter(workload.stable.spec.template, await this.#change(context, workload, release));
  }

  apply(context: WriteContext, release: KubeRelease, to: To): Promise<Revision> {
    return translated(context, `write the release to ${to.track} of ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster, context.app, context.signal);
      const change = await this.#change(context, workload, release);
      if (to.track === 'stable') return this.#write(context, workload, change, change.version, to.over);
      return this.#makeCandidate(context, workload, change, to);
    });
  }

  promote(context: WriteContext, { over }: { readonly over?: readonly string[] | undefined } = {}): Promise<Revision> {
    return translated(context, `promote ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster, context.app, context.signal);
      if (workload.candidate === undefined) throw gone(context.app.name);
      const template = promotedTemplate(workload);
      const cause = revisionOf(workload, workload.candidate).images.join(', ');
      return this.#write(context, workload, { kind: 'replace', template, version: '' }, cause, over);
    });
  }

  list(context: PortContext): Promise<readonly Revision[]> {
    return translated(context, `list the revisions of ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster.at(context), context.app, context.signal);
      return revisionsOf(workload, await this.#replicaSets(context)).map(({ revision }) => revision);
    });
  }

  restore(context: WriteContext, hash: string, { reason }: { readonly reason?: string | undefined } = {}): Promise<Revision> {
    return translated(context, `restore revision ${hash} of ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster, context.app, context.signal);
      const serves = revisionOf(workload, workload.stable).hash === hash;
      const revisions = revisionsOf(workload, await this.#replicaSets(context));
      const found = revisions.find(({ revision }) => revision.hash === hash);
      if (found === undefined && serves) return revisionOf(workload, workload.stable);
      if (found === undefined) throw unknownRevision(context.app.name, hash, revisions);
      const companions = await companionsOf(this.#cluster, context, workload, { hash, replicaSet: found.replicaSet });
      if (companions.missing.length > 0) throw incomplete(context.app.name, hash, companions.missing);
      // A holder of the lock after us wrote its fence there first.
      checkFence(context, workload.stable);
      await putBackConfig(this.#cluster, context, companions);
      const template = restoredTemplate(workload, found.replicaSet.spec.template);
      const cause = `back to ${hash}${reason === undefined ? '' : `: ${reason.slice(0, longestReason)}`}`;
      const revision = serves ? revisionOf(workload, workload.stable) : await this.#write(context, workload, { kind: 'replace', template, version: '' }, cause);
      await putBackSettings(this.#cluster, context, companions);
      return revision;
    });
  }

  mark(context: WriteContext, hash: string, mark: RevisionMark): Promise<void> {
    return translated(context, `mark revision ${hash}`, async () => {
      const found = await this.#held(context, hash);
      if (found === undefined) return;
      await this.#cluster.change(context, paths.replicaSets(context.app.namespace, found.replicaSet.metadata.name), () => ({
        metadata: { annotations: markOf(mark, context.clock.now()) },
      }));
    });
  }

  keep(context: WriteContext, hash: string): Promise<void> {
    return translated(context, `keep what revision ${hash} runs with`, async () => {
      const found = await this.#held(context, hash);
      if (found !== undefined) await keep(this.#cluster, context, found.workload, { hash, replicaSet: found.replicaSet });
    });
  }

  outlook(context: PortContext, hash: string): Promise<Outlook> {
    return translated(context, `read what revision ${hash} ran with`, async () => {
      const found = await this.#held(context, hash);
      if (found === undefined) return { missing: [], notes: [], findings: [] };
      const { workload, replicaSet } = found;
      const companions = await companionsOf(this.#cluster, context, workload, { hash, replicaSet });
      const { missing, changes } = companions;
      // The other colour has its template already, so nothing is written for it.
      const asItIs = workload.roles === 'swap' && workload.candidate !== undefined && revisionOf(workload, workload.candidate).hash === hash;
      if (asItIs) return { missing, notes: [], findings: findingsOf({ ...companions, unkept: [...companions.unkept, ...companions.differs] }) };
      return { missing, notes: changes, findings: findingsOf(companions), beyondPods: changes.length > 0 };
    });
  }

  /** The revision with its app; undefined: it is gone. */
  async #held(context: PortContext, hash: string): Promise<{ readonly workload: Workload; readonly replicaSet: ReplicaSet } | undefined> {
    const workload = await readWorkload(this.#cluster.at(context), context.app, context.signal);
    const found = revisionsOf(workload, await this.#replicaSets(context)).find(({ revision }) => revision.hash === hash);
    return found === undefined ? undefined : { workload, replicaSet: found.replicaSet };
  }

  async #change(context: PortContext, { stable, name, namespace }: Workload, release: KubeRelease): Promise<TemplateChange> {
    const manifest = 'manifests' in release ? await deploymentOf(release.manifests, stable.metadata.name) : undefined;
    return releasePatch(
      stable,
      release,
      { name, namespace, cluster: context.app.cluster },
      this.#cluster.app({ name, namespace, cluster: context.app.cluster }),
      manifest,
    );
  }

  /** The template as the server would hold it, with its defaults; stores nothing. */
  async #dryRun({ signal }: PortContext, deployment: Deployment, change: TemplateChange): Promise<PodTemplate> {
    const path = paths.deployments(deployment.metadata.namespace ?? 'default', deployment.metadata.name);
    const options = { signal, query: { dryRun: 'All' } };
    const answer =
      change.kind === 'merge'
        ? await this.#cluster.api.patch<Deployment>(path, 'strategic', { spec: { template: change.template } }, options)
        : await this.#cluster.api.patch<Deployment>(path, 'json', [{ op: 'replace', path: '/spec/template', value: change.template }], options);
    return answer.spec.template;
  }

  async #write(context: WriteContext, workload: Workload, change: TemplateChange, cause: string, over?: readonly string[]): Promise<Revision> {
    const path = paths.deployments(context.app.namespace, workload.stable.metadata.name);
    const said = changeCause(context, cause);
    const written = await this.#cluster.change<Deployment>(context, path, (current) => {
      refuseForeign(workload, current, over);
      return change.kind === 'merge'
        ? { metadata: { annotations: { [changeCauseAnnotation]: said } }, spec: { template: change.template } }
        : [
            { op: 'replace', path: '/spec/template', value: change.template },
            { op: 'add', path: '/metadata/annotations/kubernetes.io~1change-cause', value: said },
          ];
    });
    return revisionOf({ ...workload, stable: written }, written);
  }

  async #makeCandidate(context: WriteContext, workload: Workload, change: TemplateChange, { replicas, isolated = false, hash: named }: To): Promise<Revision> {
    const template = await this.#dryRun(context, workload.stable, change);
    const hash = named ?? templateHash(template, identityOf(workload));
    if (workload.roles === 'swap') return this.#writeColour(context, workload, template, replicas, hash);
    const { candidate } = workload;
    const ours = candidate !== undefined && annotation(candidate, names.rolloutId) === context.rolloutId;
    if (candidate !== undefined && !ours) await this.#deleteLeftover(context, workload, candidate);
    const empty = ours ? candidate : await this.#create(context, candidateManifest({ workload, template, replicas: 0, isolated, hash, context }) as Deployment);
    const made = await this.#fill(context, workload, empty, replicas);
    if (isolated) await this.#makePreviews(context, { ...workload, candidate: made });
    return revisionOf({ ...workload, candidate: made }, made);
  }

  /**
   * Nothing in a create can say that we still hold the lock, and one that was held up on its way would bring pods of a version that was taken back long ago. So
   * what is created has no pods; they come by a write that the fence guards, after a look at the fence of stable, which a new holder writes first.
   */
  async #fill(context: WriteContext, workload: Workload, made: Deployment, replicas: number): Promise<Deployment> {
    checkFence(context, await this.#cluster.api.get(paths.deployments(workload.namespace, workload.stable.metadata.name), { signal: context.signal }));
    return this.#cluster.change<Deployment>(context, paths.deployments(workload.namespace, made.metadata.name), (current) =>
      current.spec.replicas === 0 && replicas > 0 ? { metadata: { annotations: { [names.desired]: String(replicas) } }, spec: { replicas } } : undefined,
    );
  }

  async #create(context: WriteContext, manifest: Deployment): Promise<Deployment> {
    const path = paths.deployments(context.app.namespace);
    try {
      return await this.#cluster.api.create<Deployment>(path, manifest, { signal: context.signal });
    } catch (error) {
      if (!KubeError.is(error, 409)) throw error;
      // Of this rollout, by the holder before us, whose request took its time (KC 2).
      const found = await this.#cluster.find<Deployment>(`${path}/${manifest.metadata.name}`, context.signal);
      if (found !== undefined && annotation(found, names.rolloutId) === context.rolloutId) return found;
      const object = `Deployment ${manifest.metadata.name}`;
      throw new ShepherdError('ERR_CONFLICT', `${object} exists and was not made by this rollout, which needs its name for the candidate`, {
        facts: { object, reason: `no label ${names.track}=candidate, or made at the same moment by another rollout` },
        remedy: 'rename that Deployment, or use the rolling strategy',
        cause: error,
      });
    }
  }

  /** What a rollout that died left behind; what a Service was switched to is not taken away (RR ORD-5). */
  async #deleteLeftover(context: WriteContext, workload: Workload, candidate: Deployment): Promise<void> {
    if (isIsolated(workload)) refuseServing(workload, candidate);
    const path = paths.deployments(context.app.namespace, candidate.metadata.name);
    await this.#cluster.remove(context, path, { propagation: 'Foreground' });
    await awaitGone(this.#cluster, context, path);
  }

  async #makePreviews(context: WriteContext, { services, candidate, stable, name, namespace }: Workload): Promise<void> {
    if (candidate === undefined) return;
    for (const service of services) {
      const labels = labelsOf(candidate);
      const selector = Object.fromEntries(Object.keys(service.spec.selector ?? {}).map((key) => [key, labels[key] ?? labelsOf(stable)[key] ?? '']));
      try {
        await this.#cluster.api.create<Service>(paths.services(namespace), previewManifest(service, selector, name, context), { signal: context.signal });
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 409)) throw error;
      }
    }
  }

  async #writeColour(context: WriteContext, workload: Workload, template: PodTemplate, replicas: number, hash: string): Promise<Revision> {
    const manifest = otherColour({ workload, template, replicas: 0, hash, context }) as Deployment;
    const path = paths.deployments(workload.namespace, manifest.metadata.name);
    if ((await this.#cluster.find(path, context.signal)) === undefined) {
      const made = await this.#fill(context, workload, await this.#create(context, manifest), replicas);
      return revisionOf({ ...workload, candidate: made }, made);
    }
    const written = await this.#cluster.change<Deployment>(context, path, () => [
      { op: 'replace', path: '/spec/template', value: manifest.spec.template },
      { op: 'add', path: '/spec/replicas', value: replicas },
      ...Object.entries({ ...manifest.metadata.annotations, [names.desired]: String(replicas), [changeCauseAnnotation]: changeCause(context, hash) }).map(
        ([key, value]) => ({
          op: 'add',
          path: `/metadata/annotations/${key.replaceAll('/', '~1')}`,
          value,
        }),
      ),
    ]);
    return revisionOf({ ...workload, candidate: written }, written);
  }

  async #replicaSets(context: PortContext): Promise<readonly ReplicaSet[]> {
    const { app, signal } = context;
    return (await this.#cluster.at(context).api.list<ReplicaSet>(paths.replicaSets(app.namespace), { signal })).items;
  }
}

/** What the write would replace is neither what the rollout found nor its own. @throws ShepherdError ERR_CONFLICT */
function refuseForeign(workload: Workload, current: Deployment, over: readonly string[] | undefined): void {
  const hash = templateHash(current.spec.template, identityOf(workload));
  if (over === undefined || over.includes(hash)) return;
  const object = `Deployment ${current.metadata.name}`;
  throw new ShepherdError('ERR_CONFLICT', `${object} runs revision ${hash}, which somebody else wrote meanwhile`, {
    facts: { object, reason: `revision ${hash} is not of this rollout` },
    remedy: 'see who wrote it',
  });
}

const gone = (name: string): ShepherdError =>
  new ShepherdError('ERR_STEP_FAILED', `${name} has no candidate to promote`, {
    facts: { step: 'promote', reason: 'the candidate was deleted' },
    remedy: 'see who deleted it, then deploy again',
  });
