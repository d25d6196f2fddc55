// A canary of five stages of five minutes each, on virtual time.
import { Canary, Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { createSandbox } from '@shepherd/sandbox';

const sandbox = await createSandbox();
for (const name of ['web:1', 'web:2']) sandbox.image(name);
await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: 10 });
const shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
const beganAt = performance.now();
const began = sandbox.elapsedMs;
const strategy = new Canary({ stages: [10, 25, 50, 75, 100], interval: '5m', analysis: false });
const outcome = await shepherd.deploy({ app: 'shop/web', release: { image: 'web:2' }, strategy }).outcome;
const ms = performance.now() - beganAt;
const virtualMs = sandbox.elapsedMs - began;
console.log(JSON.stringify({ ms, virtualMs, outcome: outcome.kind }));
await shepherd.close();
await sandbox[Symbol.asyncDispose]();
