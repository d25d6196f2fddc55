// A sandbox for others to ask; says where, and at each line on stdin how much processor time it has used.
import { createInterface } from 'node:readline';
import { createSandbox } from '@shepherd/sandbox';

const sandbox = await createSandbox({ time: 'real' });
sandbox.image('web:1');
await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: 6 });
const say = () => {
  const { user, system } = process.cpuUsage();
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1];
  console.log(JSON.stringify({ url: sandbox.url, token, cpuMs: (user + system) / 1_000 }));
};
const lines = createInterface({ input: process.stdin });
lines.on('line', say);
lines.on('close', () => void sandbox[Symbol.asyncDispose]());
say();
