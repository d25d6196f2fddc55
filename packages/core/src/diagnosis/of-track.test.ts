import { expect, test } from 'vitest';
import type { EvidenceOf, PlatformEvidence } from '../ports/evidence.js';
import { causesOf } from './causes-of.js';
import { ofTrack } from './of-track.js';

const app = { cluster: 'default', namespace: 'shop', name: 'web' };
const check = 'kubectl get pods';
const workload = (name: string, track: string): EvidenceOf<'workload'> => ({
  source: 'workload',
  object: `Deployment ${name}`,
  check,
  data: { track, replicas: 1, made: 1, ready: 0, updated: 1, paused: false, seen: true },
});
const pod = (name: string, of: string, current = true): EvidenceOf<'pod'> => ({
  source: 'pod',
  object: `Pod ${name}`,
  check,
  data: { workload: of, current, ready: false, leaving: false, phase: 'Running', age: 90 },
});
const ending = (name: string, endedCode: number): EvidenceOf<'container'> => ({
  source: 'container',
  object: `Pod ${name}`,
  check,
  data: {
    pod: name,
    name: 'web',
    current: true,
    ready: false,
    image: 'r/web:1',
    state: 'waiting',
    reason: 'CrashLoopBackOff',
    restarts: 4,
    ports: [],
    endedCode,
    endedReason: 'Error',
  },
});
const lost: EvidenceOf<'node'> = {
  source: 'node',
  object: 'Node n1',
  check,
  data: { ready: 'Unknown', cordoned: false, pressure: [], pods: ['web-1'] },
};
const evidence: readonly PlatformEvidence[] = [
  workload('web', 'stable'),
  workload('web-candidate', 'candidate'),
  pod('web-1', 'web'),
  pod('web-0', 'web', false),
  pod('web-candidate-1', 'web-candidate'),
  ending('web-1', 1),
  ending('web-0', 2),
  ending('web-candidate-1', 3),
  lost,
];

test.each([
  ['candidate', ['crash'], 'exit code 3'],
  ['stable', ['node-not-ready', 'crash'], 'exit code 1'],
] as const)('of %s only what is wrong with its newest pods is a cause', (track, codes, says) => {
  const causes = causesOf(app, ofTrack(evidence, track));
  expect(causes.map(({ code }) => code)).toEqual(codes);
  expect(causes.at(-1)?.summary).toContain(says);
  expect(JSON.stringify(causes)).not.toContain('exit code 2');
});
