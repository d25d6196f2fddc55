import { expect, test } from 'vitest';
import { app, container, deployment } from '../__fixtures__/make.js';
import type { Container } from '../objects.js';
import type { KubeApp, KubeRelease } from '../options.js';
import { releasePatch, tagOf } from './release-patch.js';

const change = (release: KubeRelease, containers: readonly Container[] = [container()], settings: KubeApp = {}): ReturnType<typeof releasePatch> =>
  releasePatch(deployment({ containers }), release, app, settings, undefined);

test.each([
  ['web', undefined],
  ['registry:5000/web', undefined],
  ['registry:5000/web:1.2', '1.2'],
  ['web@sha256:abc', 'sha256:abc'],
  ['web:1@sha256:abc', 'sha256:abc'],
])('the tag of %s is %s', (image, tag) => {
  expect(tagOf(image)).toBe(tag);
});

const side = container({ name: 'side' });

test.each<[string, KubeRelease, object]>([
  ['image', { image: 'r/web:2' }, { spec: { containers: [{ name: 'web', image: 'r/web:2' }] } }],
  ['images', { images: { side: 'r/side:2' } }, { spec: { containers: [{ name: 'side', image: 'r/side:2' }] } }],
  ['env', { env: { A: '1' } }, { spec: { containers: [{ name: 'web', env: [{ name: 'A', value: '1', valueFrom: null }] }] } }],
  ['patch', { patch: { metadata: { annotations: { a: 'b' } } } }, { metadata: { annotations: { a: 'b' } } }],
  [
    'image, env and patch',
    { image: 'r/web:2', env: { A: '1' }, patch: { spec: { containers: [{ name: 'web', env: [{ name: 'B', value: '2' }] }] } } },
    {
      spec: {
        containers: [
          {
            name: 'web',
            image: 'r/web:2',
            env: [
              { name: 'A', value: '1', valueFrom: null },
              { name: 'B', value: '2' },
            ],
          },
        ],
      },
    },
  ],
])('a release by %s is a merge of the template', (_, release, template) => {
  expect(change(release, [container(), side])).toMatchObject({ kind: 'merge', template });
});

test('an init container can be named among the images', () => {
  const on = deployment();
  const withInit = {
    ...on,
    spec: { ...on.spec, template: { ...on.spec.template, spec: { ...on.spec.template.spec, initContainers: [container({ name: 'migrate' })] } } },
  };
  expect(releasePatch(withInit, { images: { migrate: 'r/m:2' } }, app, {}, undefined)).toMatchObject({
    template: { spec: { initContainers: [{ name: 'migrate', image: 'r/m:2' }] } },
  });
});

test('a preStop sleep is added where there is none, with the grace that it needs', () => {
  expect(change({ image: 'r/web:2', preStopSleep: '20s' })).toMatchObject({
    template: {
      spec: { containers: [{ name: 'web', image: 'r/web:2', lifecycle: { preStop: { sleep: { seconds: 20 } } } }], terminationGracePeriodSeconds: 35 },
    },
  });
  const drains = container({ lifecycle: { preStop: {} } });
  expect(change({ image: 'r/web:2', preStopSleep: '20s' }, [drains])).toMatchObject({
    template: { spec: { containers: [{ name: 'web', image: 'r/web:2' }] } },
  });
});

const manifest = (image: string): ReturnType<typeof deployment> =>
  deployment({
    containers: [
      container({
        image,
        env: [
          { name: 'A', value: '1' },
          { name: 'S', valueFrom: {} },
        ],
      }),
    ],
  });

test('manifests replace the template; what else the release says is merged into it', () => {
  const made = releasePatch(deployment(), { manifests: '', env: { S: '2' } } as KubeRelease, app, {}, manifest('r/web:2'));
  expect(made).toMatchObject({
    kind: 'replace',
    version: 'r/web:2',
    template: {
      spec: {
        containers: [
          {
            image: 'r/web:2',
            env: [
              { name: 'A', value: '1' },
              { name: 'S', value: '2' },
            ],
          },
        ],
      },
    },
  });
  expect(JSON.stringify(made)).not.toContain('valueFrom');
});

test.each<[KubeRelease, readonly Container[], KubeApp, string, string]>([
  [{ image: 'r/web:latest' }, [container()], {}, 'release.image', '"r/web:latest"'],
  [{ image: 'r/web' }, [container()], {}, 'release.image', '"r/web"'],
  [{ image: 'r/web:1', patch: { spec: { containers: [{ name: 'web', image: 'r/web' }] } } }, [container()], {}, 'release.patch', '"r/web"'],
  [{ image: 'r/web:1' }, [container({ name: 'a' }), container({ name: 'b' })], {}, 'release.image', 'an app with 2 containers'],
  [{ image: 'r/web:1' }, [container()], { container: 'nope' }, 'app.container', '"nope"'],
  [{ images: { nope: 'r/web:1' } }, [container()], {}, 'release.images.nope', '"nope"'],
  [{ patch: { containers: [] } }, [container()], {}, 'release.patch', '{"containers":[]}'],
  [{ image: 'r/web:1', preStopSleep: '10ms' }, [container()], {}, 'release.preStopSleep', '"10ms"'],
])('refused: %j', (release, containers, settings, path, got) => {
  expect(() => change(release, containers, settings)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTIONS', facts: { issues: [expect.objectContaining({ path, got })] } }),
  );
});

test('a manifest with an image that can move is refused', () => {
  expect(() => releasePatch(deployment(), { manifests: '' }, app, {}, manifest('r/web'))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }));
});
