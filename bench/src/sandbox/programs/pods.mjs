// 2,000 pods on virtual time, as functions, and the resident memory of this whole process: now, and at its highest.
import { createSandbox } from '@shepherd/sandbox';

const beganAt = performance.now();
const sandbox = await createSandbox({ node: { cpu: '10k', memory: '100Ti', pods: 3_000 } });
sandbox.image('web:1');
for (let i = 1; i <= 4; i++) await sandbox.install({ name: `web-${i}`, namespace: 'shop', image: 'web:1', replicas: 500 });
const pods = sandbox.objects
  .list('pods', 'shop')
  .filter(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')).length;
console.log(
  JSON.stringify({ pods, rssMb: process.memoryUsage.rss() / 2 ** 20, peakMb: process.resourceUsage().maxRSS / 1_024, ms: performance.now() - beganAt }),
);
await sandbox[Symbol.asyncDispose]();
