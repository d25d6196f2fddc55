import { type AppParts, invalidOptions, parseDuration } from '@shepherd/core';
import type { Container, Deployment, PodTemplate } from '../objects.js';
import type { KubeApp, KubeRelease } from '../options.js';
import { combinePatches, withoutNulls } from './combine-patches.js';

/** How a release changes a template: a strategic merge on it, or another one in its place. */
export type TemplateChange =
  | { readonly kind: 'merge'; readonly template: object; readonly version: string }
  | { readonly kind: 'replace'; readonly template: PodTemplate; readonly version: string };

const bad = (path: string, got: string, expected: string, remedy?: string): never => {
  throw invalidOptions([{ path, got, expected }], remedy);
};

/** The tag or digest of an image; undefined where it has none. */
export function tagOf(image: string): string | undefined {
  const [name = '', digest] = image.split('@');
  if (digest !== undefined) return digest;
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.includes(':') ? last.slice(last.indexOf(':') + 1) : undefined;
}

/** What runs must be what was asked for, today and after a restart: a name that can move is refused (guide H2). */
function checkedImage(path: string, image: unknown): string {
  if (typeof image !== 'string' || image.trim() === '' || /\s/.test(image))
    return bad(path, JSON.stringify(image) ?? 'nothing', 'an image such as registry/web:1.3.0');
  const tag = tagOf(image);
  if (tag === undefined || tag === '' || tag === 'latest')
    return bad(
      path,
      JSON.stringify(image),
      'an image with a fixed tag or digest',
      'name the version: registry/web:1.3.0; what "latest" means can change between two pods',
    );
  return image;
}

/** The container that `image` and `env` mean. */
export function mainContainer({ spec }: PodTemplate, app: AppParts, settings: KubeApp): Container {
  const { containers } = spec;
  const wanted = settings.container;
  const found =
    wanted === undefined
      ? containers.length === 1
        ? containers[0]
        : containers.find(({ name }) => name === app.name)
      : containers.find(({ name }) => name === wanted);
  return (
    found ??
    bad(
      wanted === undefined ? 'release.image' : 'app.container',
      wanted === undefined ? `an app with ${containers.length} containers` : JSON.stringify(wanted),
      `one of the containers ${containers.map(({ name }) => name).join(', ')}`,
      'name the container in the app options, or use { images: { container: image } }',
    )
  );
}

type Patch = { spec?: { containers?: { name: string }[] } } & Record<string, unknown>;

/** What a release does to the template of this Deployment. Pure. @throws ShepherdError ERR_INVALID_OPTIONS naming the field */
export function releasePatch(deployment: Deployment, release: KubeRelease, app: AppParts, settings: KubeApp, manifest: Deployment | undefined): TemplateChange {
  const { template } = deployment.spec;
  const base = manifest?.spec.template;
  const on = base ?? template;
  let patch: Patch = {};
  if ('image' in release)
    patch = combinePatches(patch, {
      spec: { containers: [{ name: mainContainer(on, app, settings).name, image: checkedImage('release.image', release.image) } as { name: string }] },
    });
  if ('images' in release) {
    for (const [name, image] of Object.entries(release.images)) {
      const list = (['containers', 'initContainers'] as const).find((each) => on.spec[each]?.some((container) => container.name === name));
      if (list === undefined)
        return bad(`release.images.${name}`, JSON.stringify(name), `one of the containers ${on.spec.containers.map((each) => each.name).join(', ')}`);
      patch = combinePatches(patch, { spec: { [list]: [{ name, image: checkedImage(`release.images.${name}`, image) }] } });
    }
  }
  if (release.env !== undefined) {
    // A variable may have come from a Secret so far; it cannot have both.
    const env = Object.entries(release.env).map(([name, value]) => ({ name, value: String(value), valueFrom: null }));
    patch = combinePatches(patch, { spec: { containers: [{ name: mainContainer(on, app, settings).name, env } as { name: string }] } });
  }
  if (release.patch !== undefined) {
    if (typeof release.patch !== 'object' || release.patch === null || !('spec' in release.patch || 'metadata' in release.patch))
      bad('release.patch', JSON.stringify(release.patch), 'a patch of the pod template: { metadata } or { spec: { containers: […] } }');
    for (const { image } of imagesIn(release.patch)) checkedImage('release.patch', image);
    patch = combinePatches(patch, release.patch as Patch);
  }
  for (const { image } of imagesIn(base)) checkedImage('release.manifests', image);
  if (release.preStopSleep !== undefined) patch = combinePatches(patch, drainPatch(on, release.preStopSleep, app, settings));
  const version = release.version ?? versionOf(release, base);
  if (base !== undefined) return { kind: 'replace', template: mergedInto(base, patch), version };
  return { kind: 'merge', template: patch, version };
}

/** Containers of a template or a patch that name an image. */
const imagesIn = (template: object | undefined): readonly { readonly image?: unknown }[] =>
  ((template as Patch | undefined)?.spec?.containers ?? []).filter((container) => 'image' in container);

function drainPatch(template: PodTemplate, sleep: string, app: AppParts, settings: KubeApp): Patch {
  const ms = parseDuration(sleep);
  if (ms === undefined || ms < 1_000) return bad('release.preStopSleep', JSON.stringify(sleep), 'a duration of at least 1s');
  const seconds = Math.ceil(ms / 1_000);
  const container = mainContainer(template, app, settings);
  if (container.lifecycle?.preStop !== undefined) return {};
  const grace = Math.max(template.spec.terminationGracePeriodSeconds ?? 30, seconds + 15);
  return {
    spec: {
      containers: [{ name: container.name, lifecycle: { preStop: { sleep: { seconds } } } } as { name: string }],
      terminationGracePeriodSeconds: grace,
    } as Patch['spec'] & object,
  };
}

/** The template after a change, as far as can be told without the server. Pure. */
export const templateAfter = (template: PodTemplate, change: TemplateChange): PodTemplate =>
  change.kind === 'replace' ? change.template : mergedInto(template, change.template as Patch);

const mergedInto = (template: PodTemplate, patch: Patch): PodTemplate => withoutNulls(combinePatches(template, patch));

function versionOf(release: KubeRelease, manifest: PodTemplate | undefined): string {
  if ('image' in release) return release.image;
  if ('images' in release) return Object.values(release.images).join(', ');
  if (manifest !== undefined) return manifest.spec.containers.map(({ image }) => image ?? '').join(', ');
  return 'the same image, configured otherwise';
}
