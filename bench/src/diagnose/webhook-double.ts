import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kubectl } from '../lab/index.js';

export interface WebhookDouble extends AsyncDisposable {
  /** Has it asked about the pods of a namespace; `at`: nobody listens on port 1. */
  guard(namespace: string, at?: 'closed'): Promise<void>;
}

/** A webhook that refuses every pod of the namespaces that it guards, over TLS on loopback. */
export async function webhookDouble(): Promise<WebhookDouble> {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-bench-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  const pem = await readFile(cert);
  const server = createServer({ key: await readFile(key), cert: pem }, async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { request: asked } = JSON.parse(text) as { readonly request: { readonly uid: string } };
    response.setHeader('content-type', 'application/json');
    const refusal = { uid: asked.uid, allowed: false, status: { message: 'pods of this team run on Sundays alone' } };
    response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: refusal }));
  });
  await rm(folder, { recursive: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const made: string[] = [];
  return {
    guard: async (namespace, at) => {
      const name = `${namespace}.bench.shepherd.dev`;
      made.push(name);
      const webhook = {
        name,
        clientConfig: { url: `https://127.0.0.1:${at === 'closed' ? 1 : port}/`, caBundle: pem.toString('base64') },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 2,
      };
      const object = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name }, webhooks: [webhook] };
      await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
    },
    [Symbol.asyncDispose]: async () => {
      if (made.length > 0) await kubectl(['delete', 'validatingwebhookconfiguration', ...made, '--ignore-not-found']);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
