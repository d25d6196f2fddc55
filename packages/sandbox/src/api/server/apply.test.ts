import { describe, expect, it } from 'vitest';
import { type Client, client } from '../api-fixture.js';
import type { Wire } from '../json.js';

const PATH = '/apis/apps/v1/namespaces/default/deployments/web';
const configuration = (spec: Wire, metadata: Wire = {}): Wire => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec });
const template = (container: Wire = {}): Wire => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1', ...container }] },
});
const whole = (container: Wire = {}): Wire => ({ replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template(container) });
const apply = (api: Client, manager: string, body: Wire, query = ''): Promise<Wire> =>
  api.send('PATCH', `${PATH}?fieldManager=${manager}${query}`, body, 'application/apply-patch+yaml');
const envOf = (object: Wire): string[] => (object.spec.template.spec.containers[0].env ?? []).map(({ name, value }: Wire) => `${name}=${value}`);

describe('server-side apply', () => {
  it('makes what is missing and notes who owns what', async () => {
    const api = client();
    const made = await apply(api, 'one', configuration(whole({ ports: [{ containerPort: 80 }] })));
    expect(made).toMatchObject({ metadata: { generation: 1 }, spec: { strategy: { type: 'RollingUpdate' } } });
    expect(made.metadata.managedFields).toMatchObject([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                  },
                },
              },
            },
          },
        },
      },
    ]);
  });

  it('takes away what the manager says no more, unless somebody else owns it', async () => {
    const api = client();
    await apply(
      api,
      'one',
      configuration(
        whole({
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        }),
        { labels: { x: '1', y: '2' } },
      ),
    );
    await apply(api, 'two', configuration({ template: { spec: { containers: [{ name: 'web', env: [{ name: 'B', value: '2' }] }] } } }));
    const less = await apply(api, 'one', configuration(whole(), { labels: { x: '1' } }));
    expect(envOf(less)).toEqual(['B=2']);
    expect(less.metadata.labels).toEqual({ x: '1' });
    const none = await apply(api, 'two', configuration({}));
    expect(envOf(none)).toEqual([]);
  });

  it('does not write what is unchanged', async () => {
    const api = client();
    const first = await apply(api, 'one', configuration(whole()));
    const again = await apply(api, 'one', configuration(whole()));
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(api.server.writes.total).toBe(1);
  });

  it('refuses what others own with another value, and takes it by force', async () => {
    const api = client();
    await apply(api, 'one', configuration(whole()));
    await api.patch(`${PATH}/scale?fieldManager=hpa`, { spec: { replicas: 5 } });
    const refused = await apply(api, 'one', configuration(whole()));
    expect(refused).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    });
    const two = configuration({ replicas: 7, template: { spec: { containers: [{ name: 'web', image: 'web:9' }] } } });
    expect(await apply(api, 'two', two)).toMatchObject({
      message:
        'Apply failed with 2 conflicts: conflicts with "hpa" with subresource "scale" using apps/v1:\n- .spec.replicas\nconflicts with "one":\n- .spec.template.spec.containers[name="web"].image',
    });
    const forced = await apply(api, 'two', two, '&force=true');
    expect(forced.spec).toMatchObject({ replicas: 7, template: { spec: { containers: [{ image: 'web:9' }] } } });
    const managers = forced.metadata.managedFields.map(({ manager }: Wire) => manager);
    expect(managers).toEqual(['one', 'two']);
  });

  it('shares what both say', async () => {
    const api = client();
    await apply(api, 'one', configuration(whole()));
    expect(await apply(api, 'two', configuration({ replicas: 2 }))).toMatchObject({ kind: 'Deployment' });
    expect(await apply(api, 'two', configuration({ replicas: 3 }))).toMatchObject({ code: 409 });
  });

  it.each<[string, Wire, string, Wire]>([
    [
      'an unknown field',
      configuration({ replica: 1 }),
      '',
      { code: 500, message: 'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema' },
    ],
    ['an item that is there twice', configuration(whole({ env: [{ name: 'A' }, { name: 'A' }] })), '', { code: 500 }],
    ['managed fields', configuration(whole(), { managedFields: [{ manager: 'x' }] }), '', { code: 400, message: 'metadata.managedFields must be nil' }],
    ['another kind', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } }, '', { code: 400, message: 'invalid object type: /v1, Kind=Pod' }],
    ['another name', configuration(whole(), { name: 'api' }), '', { code: 400 }],
  ])('refuses %s', async (_, body, query, expected) => {
    expect(await apply(client(), 'one', body, query)).toMatchObject(expected);
  });

  it('wants a manager', async () => {
    expect(await client().send('PATCH', PATH, configuration(whole()), 'application/apply-patch+yaml')).toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    });
  });

  it('stores nothing in a dry run', async () => {
    const api = client();
    expect(await apply(api, 'one', configuration(whole()), '&dryRun=All')).toMatchObject({ kind: 'Deployment' });
    expect(await api.get(PATH)).toMatchObject({ code: 404 });
  });
});
