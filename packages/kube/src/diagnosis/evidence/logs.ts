import type { EvidenceOf } from '@shepherd/core';
import { KubeError } from '../../api/index.js';
import { paths } from '../../objects.js';
import { redact } from '../../ready/redact.js';
import type { Reads } from '../reads.js';
import type { World } from './world.js';

const lines = 25;
const limitBytes = 16_384;

/** The last lines of a container, of before its last restart where it had one; without what looks like a credential. */
export async function logEvidence(reads: Reads, { app, commands }: World, { data }: EvidenceOf<'container'>): Promise<readonly EvidenceOf<'log'>[]> {
  const { pod, name, restarts, state } = data;
  const read = (previous: boolean, signal: AbortSignal) =>
    reads.cluster.api.raw('GET', `${paths.pods(app.namespace, pod)}/log`, {
      signal,
      query: { container: name, tailLines: String(lines), limitBytes: String(limitBytes), ...(previous ? { previous: 'true' } : {}) },
    });
  const found = await reads.attempt(`log of Pod ${pod}`, 'get pods/log', undefined, async (signal) => {
    const before = restarts > 0 && state !== 'terminated';
    const first = await read(before, signal);
    // The run before may be forgotten by now.
    const [answer, previous] = first.status === 200 || !before ? [first, before] : [await read(false, signal), false];
    if (answer.status !== 200) throw refusal(pod, answer.status);
    return { text: answer.text, previous };
  });
  if (found === undefined) return [];
  const told = found.text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-lines)
    .map((line) => redact(line).slice(0, 500));
  const { previous } = found;
  return [{ source: 'log', object: `Pod ${pod}`, check: commands.log(pod, name, previous), data: { pod, container: name, previous, lines: told } }];
}

const refusal = (pod: string, status: number): KubeError =>
  new KubeError({ method: 'GET', path: `pods/${pod}/log` }, `answered ${status}`, { status, reason: `HTTP ${status}` });
