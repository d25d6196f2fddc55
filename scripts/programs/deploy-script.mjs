// `node deploy-script.mjs ROOT PROGRAM`: runs a deploy script as a person does, against a cluster in this process that its kubeconfig calls "production".
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [root = '', program = ''] = process.argv.slice(2);
const certificates = resolve('packages/kube/src/api/__fixtures__/tls');
const preload = [import.meta.resolve('tsx'), new URL('inner-network.mjs', import.meta.url).href].flatMap((file) => ['--import', file]);
const { createSandbox } = await import(pathToFileURL(join(root, 'node_modules/@shepherd/sandbox/dist/index.js')).href);

/** Prometheus behind TLS. */
async function gateway(to) {
  const file = (name) => readFileSync(join(certificates, name));
  const server = createServer({ cert: file('server.crt'), key: file('server.key') }, (asked, answer) => {
    asked.pipe(
      request(new URL(asked.url, to), { method: asked.method, headers: asked.headers }, (reply) => {
        answer.writeHead(reply.statusCode, reply.headers);
        reply.pipe(answer);
      }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** Runs the script; `at`: what to do when a line of its output begins like this. */
async function run(args, env, at = {}) {
  const child = spawn(process.execPath, [...preload, program, ...args], { cwd: root, env: { PATH: process.env.PATH, HOME: root, ...env } });
  const lines = [];
  const take = (chunk) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) {
      lines.push(line);
      for (const [start, act] of Object.entries(at)) if (line.startsWith(start)) act(child);
    }
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const [code] = await once(child, 'exit');
  return { code, lines };
}

/** A provider reads as of some seconds ago (its lag): waits until requests were counted that long ago. */
async function counted(lagMs) {
  const deadlineMs = performance.now() + 60_000;
  while (performance.now() < deadlineMs) {
    const time = ((Date.now() - lagMs) / 1_000).toFixed(3);
    const answer = await fetch(new URL(`/api/v1/query?${new URLSearchParams({ query: 'sum(http_requests_total)', time })}`, sandbox.prometheus.url));
    const { data } = await answer.json();
    if (Number(data.result[0]?.value[1] ?? 0) > 0) return;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error('no request of the load was counted within a minute');
}

const problems = [];
const has = (lines, text) => lines.some((line) => line.includes(text));
function expect(what, { code, lines }, wanted, ...texts) {
  const missing = texts.filter((text) => !has(lines, text));
  const good = code === wanted && missing.length === 0;
  console.log(`  ${good ? 'ok' : 'FAILED'}: ${what}: exit code ${code}`);
  if (!good) problems.push(`${what}: exit code ${code}, wanted ${wanted}; not said: ${missing.join(' | ')}\n${lines.join('\n')}`);
}

const sandbox = await createSandbox({ time: 'real', scrapeInterval: '1s' });
sandbox.image('registry/web:1.2.0');
sandbox.image('registry/web:1.3.0');
await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 6 });
const server = await gateway(sandbox.prometheus.url);
const kubeconfig = join(root, 'kubeconfig');
writeFileSync(kubeconfig, sandbox.connection.kubeconfig.replaceAll(/(name|context|cluster|user): sandbox$/gm, '$1: production'));
const env = {
  KUBECONFIG: kubeconfig,
  PROMETHEUS_TOKEN: 'a-token',
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T000/B000/x',
  NODE_EXTRA_CA_CERTS: join(certificates, 'ca.crt'),
  CERTIFICATE_NAME: 'cluster.test',
};
const within = { ...env, PROMETHEUS_AT: String(server.address().port) };
const load = sandbox.load('shop/web', { rate: 50 });
await counted(6_000);

const before = sandbox.writes;
expect('no image', await run([], env), 1, 'usage: deploy.ts IMAGE');
expect('no Prometheus', await run(['registry/web:1.3.0'], { ...env, PROMETHEUS_AT: '9' }), 5, 'ERR_PREFLIGHT', 'cannot be reached');
expect('a dry run', await run(['registry/web:1.3.0', '--dry-run'], within), 0, 'raise traffic to 14 % (asked for 10 %)', 'requests of the candidate)');
expect('the image that runs', await run(['registry/web:1.2.0'], within), 0);
if (sandbox.writes !== before) problems.push(`something was written without a release: ${sandbox.writes - before} writes`);
const interrupted = await run(['registry/web:1.3.0'], within, { '0 % → ': (child) => child.kill('SIGINT') });
expect('Ctrl-C after the first weight', interrupted, 130, '0 % → 14 % (asked for 10 %)', '14 % → 0 %', 'stable serves again');
const { requests, failed } = await load.stop();
console.log(`  ${requests} requests, ${failed} failed`);
if (failed > 0) problems.push(`${failed} requests failed`);
server.close();
server.closeAllConnections();
await sandbox[Symbol.asyncDispose]();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
