import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { systemClock } from '@shepherd/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Credential } from './connection.js';
import { loadConnection } from './load-connection.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = ({
  user = 'token: t0ken',
  cluster = 'server: "https://one.test:6443"',
  context = 'namespace: shop',
  current = 'prod',
  name = 'one',
} = {}): string => `
apiVersion: v1
kind: Config
${current === '' ? '' : `current-context: ${current}`}
contexts:
- { name: prod, context: { cluster: ${name}, user: me, ${context} } }
- { name: staging-eu, context: { cluster: ${name}, user: me } }
clusters:
- { name: ${name}, cluster: { ${cluster} } }
users:
- { name: me, user: { ${user} } }
`;
const write = async (file: string, text: string): Promise<string> => {
  await mkdir(join(folder, file, '..'), { recursive: true });
  await writeFile(join(folder, file), text);
  return join(folder, file);
};
const credentialOf = (connection: Connection): Promise<Credential> => connection.credentials.get({ signal: new AbortController().signal, clock: systemClock });
const wrong = (path: string, got: unknown, remedy: unknown = expect.any(String)) => ({
  code: 'ERR_INVALID_OPTIONS',
  remedy,
  facts: { issues: [{ path, got, expected: expect.any(String) }] },
});
const env = {};

describe('loadConnection', () => {
  it('reads the current context of a kubeconfig given as text', async () => {
    const connection = await loadConnection({ kubeconfig: config(), env });
    expect(connection).toMatchObject({ server: 'https://one.test:6443', namespace: 'shop', context: 'prod', contextFrom: 'kubeconfig' });
    expect((await credentialOf(connection)).headers).toEqual({ authorization: 'Bearer t0ken' });
  });

  it('takes the context that the caller names, and `default` where it has no namespace', async () => {
    expect(await loadConnection({ kubeconfig: config(), context: 'staging-eu', env })).toMatchObject({
      namespace: 'default',
      context: 'staging-eu',
      contextFrom: 'caller',
    });
  });

  it('refuses a current context that nobody named, where it is told to and there are several', async () => {
    await expect(loadConnection({ kubeconfig: config(), explicitContext: true, env })).rejects.toMatchObject(
      wrong('context', 'nothing (the current one is prod)', expect.stringContaining('--context prod')),
    );
    expect(await loadConnection({ kubeconfig: config(), explicitContext: true, context: 'prod', env })).toMatchObject({ context: 'prod' });
    const one = config().replace(/^- . name: staging-eu.*$/m, '');
    expect(await loadConnection({ kubeconfig: one, explicitContext: true, env })).toMatchObject({ context: 'prod' });
  });

  it('reads JSON as well', async () => {
    const text = JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'c' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://c.test/' } }],
    });
    expect(await loadConnection({ kubeconfig: text, env })).toMatchObject({ server: 'https://c.test', context: 'a' });
  });

  it('looks in order: path, KUBECONFIG, ~/.kube/config, the pod', async () => {
    const file = await write('given', config({ cluster: 'server: "https://given.test"' }));
    const listed = await write('listed', config({ cluster: 'server: "https://listed.test"' }));
    await write('.kube/config', config({ cluster: 'server: "https://home.test"' }));
    await write('sa/ca.crt', 'CA');
    await write('sa/token', 'pod-token\n');
    await write('sa/namespace', 'backend\n');
    const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const load = (options: object, more: object) => loadConnection({ ...options, env: { ...pod, ...more }, serviceAccount: join(folder, 'sa') });
    expect((await load({ kubeconfig: file }, { KUBECONFIG: listed, HOME: folder })).server).toBe('https://given.test');
    expect((await load({}, { KUBECONFIG: listed, HOME: folder })).server).toBe('https://listed.test');
    expect((await load({}, { HOME: folder })).server).toBe('https://home.test');
    const inPod = await load({}, { HOME: join(folder, 'sa') });
    expect(inPod).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'backend', contextFrom: 'in-cluster', tls: { ca: 'CA' } });
    expect((await credentialOf(inPod)).headers).toEqual({ authorization: 'Bearer pod-token' });
    await expect(loadConnection({ env: { HOME: join(folder, 'sa') } })).rejects.toMatchObject(wrong('kubeconfig', 'nothing'));
    await expect(load({ context: 'prod' }, { HOME: join(folder, 'sa') })).rejects.toMatchObject(wrong('context', 'prod'));
  });

  it('merges the files of KUBECONFIG like kubectl: the first that names something wins, missing ones are skipped', async () => {
    const first = await write('first', config({ current: '', user: 'token: first' }));
    const second = await write(
      'second',
      config({ current: 'staging-eu', user: 'token: second', cluster: 'server: "https://two.test"', context: 'namespace: other' }),
    );
    const third = await write('third', config({ current: 'prod' }));
    const both = { KUBECONFIG: [join(folder, 'missing'), first, second, third].join(delimiter) };
    const connection = await loadConnection({ env: both });
    expect(connection).toMatchObject({ context: 'staging-eu', server: 'https://one.test:6443' });
    expect((await credentialOf(connection)).headers).toEqual({ authorization: 'Bearer first' });
    expect(await loadConnection({ env: both, context: 'prod' })).toMatchObject({ namespace: 'shop' });
  });

  it('resolves each path from the file that names it', async () => {
    const clusters = await write('a/config', 'clusters: [{name: one, cluster: {server: "https://one.test", certificate-authority: pki/ca.crt}}]');
    const users = await write('b/config', config({ name: 'one', user: 'tokenFile: token, client-certificate: c.crt, client-key: c.key' }));
    await Promise.all([write('a/pki/ca.crt', 'CA'), write('b/token', ' from-file \n'), write('b/c.crt', 'CERT'), write('b/c.key', 'KEY')]);
    const connection = await loadConnection({ env: { KUBECONFIG: [clusters, users].join(delimiter) } });
    expect(connection.tls.ca).toBe('CA');
    expect(await credentialOf(connection)).toEqual({ headers: { authorization: 'Bearer from-file' }, clientCertificate: { cert: 'CERT', key: 'KEY' } });
  });

  it('reads basic users, tls-server-name, insecure and proxy-url', async () => {
    const cluster = 'server: "https://one.test", tls-server-name: api, insecure-skip-tls-verify: true, proxy-url: "socks5://proxy:1080"';
    const connection = await loadConnection({ kubeconfig: config({ user: 'username: a, password: "b:c"', cluster }), env: { HTTPS_PROXY: 'http://other' } });
    expect(connection).toMatchObject({ tls: { serverName: 'api', insecure: true }, proxy: 'socks5://proxy:1080' });
    expect((await credentialOf(connection)).headers).toEqual({ authorization: `Basic ${Buffer.from('a:b:c').toString('base64')}` });
    expect((await loadConnection({ kubeconfig: config(), env: { HTTPS_PROXY: 'proxy:3128' } })).proxy).toBe('http://proxy:3128');
  });

  it('sends whom to act as', async () => {
    const user = 'token: t, as: deployer, as-uid: "7", as-groups: [a, b], as-user-extra: { "example.com/Team": [shop, web] }';
    expect((await credentialOf(await loadConnection({ kubeconfig: config({ user }), env }))).headers).toEqual({
      authorization: 'Bearer t',
      'impersonate-user': 'deployer',
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-example.com%2Fteam': ['shop', 'web'],
    });
  });

  it('needs no kubeconfig for an API in this process, and takes any address for a name', async () => {
    const transport = async (): Promise<Response> => Response.json({});
    expect(await loadConnection({ transport, env: { KUBECONFIG: '/none' } })).toMatchObject({ namespace: 'default', contextFrom: 'transport', transport });
    const named = config({ cluster: 'server: "http://sandbox"' });
    expect(await loadConnection({ transport, kubeconfig: named, env })).toMatchObject({ server: 'http://sandbox', transport });
  });

  it('shows no secret when it is printed', async () => {
    const connection = await loadConnection({ kubeconfig: config({ cluster: 'server: "https://one.test", proxy-url: "http://u:pa55@proxy"' }), env });
    for (const text of [JSON.stringify(connection), inspect(connection, { depth: 9, showHidden: true })]) {
      expect(text).toContain('one.test');
      expect(text).not.toMatch(/t0ken|pa55/);
    }
  });
});

describe('a kubeconfig that is wrong', () => {
  it('names the missing file', async () => {
    const file = join(folder, 'none');
    await expect(loadConnection({ kubeconfig: file, env })).rejects.toMatchObject(wrong('kubeconfig', `${file} (no such file)`));
    await expect(loadConnection({ env: { KUBECONFIG: file } })).rejects.toMatchObject(wrong('KUBECONFIG', `${file} (no such file)`));
    await expect(loadConnection({ kubeconfig: folder, env })).rejects.toMatchObject(wrong('kubeconfig', `the folder ${folder}`));
  });

  it('names file and line of broken YAML, without quoting what may be a token', async () => {
    const file = await write('broken', 'users:\n- name: me\n  user: { token: s3cret\nclusters: [');
    const error: Error = await loadConnection({ kubeconfig: file, env }).then(
      () => expect.fail(),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject(wrong(file, expect.stringMatching(/broken YAML in line \d/)));
    expect(JSON.stringify(error) + error.message).not.toContain('s3cret');
  });

  it.each([
    ['just text\nhere: [', 'broken YAML'],
    ['- a\n- b', 'no mapping'],
    ['clusters: 3\n', 'clusters that is no list'],
    ['users: [{user: {}}]\n', 'users[0] without a name'],
    ['contexts: [{name: a, context: 7}]\n', 'contexts[0].context that is no mapping'],
  ])('is refused: %j', async (text, got) => {
    await expect(loadConnection({ kubeconfig: text, env })).rejects.toMatchObject(wrong('kubeconfig', expect.stringContaining(got)));
  });

  it('names the contexts near to one that does not exist', async () => {
    await expect(loadConnection({ kubeconfig: config(), context: 'stagin-eu', env })).rejects.toMatchObject(
      wrong('context', 'stagin-eu', 'did you mean staging-eu? (names from kubeconfig)'),
    );
    await expect(loadConnection({ kubeconfig: config({ current: 'gone' }), env })).rejects.toMatchObject(wrong('current-context', 'gone'));
    await expect(loadConnection({ kubeconfig: config({ current: '' }), env })).rejects.toMatchObject(
      wrong('current-context', 'nothing', 'name a context: kubeconfig has prod, staging-eu'),
    );
  });

  it('names cluster, user and server that are missing', async () => {
    const text = config();
    await expect(loadConnection({ kubeconfig: text.replace('cluster: one,', 'cluster: on,'), env })).rejects.toMatchObject(
      wrong('contexts.prod.cluster', 'on', expect.stringContaining('did you mean one')),
    );
    await expect(loadConnection({ kubeconfig: text.replace('user: me,', 'user: you,'), env })).rejects.toMatchObject(wrong('contexts.prod.user', 'you'));
    await expect(loadConnection({ kubeconfig: config({ cluster: 'x: y' }), env })).rejects.toMatchObject(wrong('clusters.one.server', 'nothing'));
    await expect(loadConnection({ kubeconfig: config({ cluster: 'server: "https://:x"' }), env })).rejects.toMatchObject(
      wrong('clusters.one.server', 'https://:x'),
    );
  });

  it('may speak plain http to loopback only', async () => {
    for (const server of ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])
      expect((await loadConnection({ kubeconfig: config({ cluster: `server: "${server}"` }), env })).server).toBe(server);
    await expect(loadConnection({ kubeconfig: config({ cluster: 'server: "http://10.0.0.1:8080"' }), env })).rejects.toMatchObject(
      wrong('clusters.one.server', 'http://10.0.0.1:8080'),
    );
  });

  it('names the files of certificates, keys and tokens that are missing', async () => {
    const ca = config({ cluster: 'server: "https://one.test", certificate-authority: /none/ca.crt' });
    await expect(loadConnection({ kubeconfig: ca, env })).rejects.toMatchObject(wrong('clusters.one.certificate-authority', '/none/ca.crt (no such file)'));
    const key = config({ user: 'client-key: /none/c.key' });
    await expect(loadConnection({ kubeconfig: key, env })).rejects.toMatchObject(wrong('users.me.client-key', '/none/c.key (no such file)'));
    const data = config({ user: 'client-certificate-data: bm90IHBlbQ==' });
    await expect(loadConnection({ kubeconfig: data, env })).rejects.toMatchObject(wrong('users.me.client-certificate-data', 'something else'));
    const token = await loadConnection({ kubeconfig: config({ user: 'tokenFile: /none/token' }), env });
    await expect(credentialOf(token)).rejects.toMatchObject(wrong('users.me.tokenFile', '/none/token (no such file)'));
  });
});
