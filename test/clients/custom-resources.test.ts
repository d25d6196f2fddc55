import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientLab, openClientLab, whyWithout } from './lab.js';

let lab: ClientLab;
const kubectl = (...args: string[]): Promise<string> => lab.run('kubectl', args);
const apply = (text: string, ...args: string[]): Promise<string> => lab.run('kubectl', ['apply', '-f', '-', ...args], text);

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: flags.shop.test }
spec:
  group: shop.test
  scope: Namespaced
  names: { plural: flags, kind: Flag, shortNames: [fl] }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      additionalPrinterColumns: [{ name: Lit, type: boolean, jsonPath: .spec.lit }]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { lit: { type: boolean }, share: { type: integer } } }
            status: { type: object, properties: { seen: { type: boolean } } }
`;
const flag = 'apiVersion: shop.test/v1\nkind: Flag\nmetadata: { name: dark }\nspec: { lit: true, share: 5 }\n';

describe.skipIf(whyWithout('kubectl'))('custom resources', () => {
  beforeAll(async () => {
    lab = await openClientLab();
    await apply(definition);
    await kubectl('wait', '--for=condition=Established', 'crd/flags.shop.test', '--timeout=10s');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('are found, written, shown with their own columns, patched, explained', async () => {
    expect(await kubectl('api-resources', '--api-group=shop.test', '--no-headers')).toMatch(/flags +fl +shop\.test\/v1 +true +Flag/);
    expect(await apply(flag)).toBe('flag.shop.test/dark created\n');
    expect(await apply(flag)).toBe('flag.shop.test/dark unchanged\n');
    expect(await kubectl('get', 'fl')).toBe('NAME   LIT\ndark   true\n');
    expect(await kubectl('patch', 'flag', 'dark', '--type=merge', '-p', '{"spec":{"lit":false}}')).toContain('patched');
    expect(await kubectl('patch', 'flag', 'dark', '--subresource=status', '--type=merge', '-p', '{"status":{"seen":true}}')).toContain('patched');
    expect(await kubectl('get', 'flag', 'dark', '-o', 'jsonpath={.metadata.generation} {.spec.lit} {.status.seen}')).toBe('2 false true');
    expect(await kubectl('explain', 'flag.spec')).toMatch(/lit\t<boolean>[\s\S]*share\t<integer>/);
    expect(await apply(flag, '--server-side', '--field-manager=other', '--force-conflicts')).toContain('serverside-applied');
  });

  test('what the schema does not know is refused or pruned', async () => {
    const wrong = flag.replace('dark', 'wrong').replace('share', 'shares');
    expect((await lab.attempt('kubectl', ['apply', '-f', '-'], wrong)).stderr).toContain('unknown field "spec.shares"');
    await apply(wrong, '--validate=false');
    expect(await kubectl('get', 'flag', 'wrong', '-o', 'jsonpath={.spec}')).toBe('{"lit":true}');
    expect((await lab.attempt('kubectl', ['patch', 'flag', 'wrong', '-p', '{"spec":{"lit":false}}'])).code).toBe(1);
  });

  test('go with their definition', async () => {
    await kubectl('delete', 'crd', 'flags.shop.test');
    expect((await lab.attempt('kubectl', ['get', 'flags'])).stderr).toContain('the server could not find the requested resource');
  });
});
