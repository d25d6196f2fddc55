import { isRecord } from './json.js';
import type { Probe } from './probe.js';

/** One question to a cluster, asked of the sandbox and of a real one in the same words. What the probe notes is compared. */
export interface Scenario {
  readonly name: string;
  readonly run: (probe: Probe) => Promise<void>;
}

export const scenario = (name: string, run: Scenario['run']): Scenario => ({ name, run });

/** One request whose answer is noted: method, path as `Probe.call` has it, body, and the rest. */
export type Step = readonly [method: string, path: string, body?: unknown, more?: Parameters<Probe['call']>[2]];

/** A scenario of requests alone. */
export const requests = (name: string, steps: readonly Step[]): Scenario =>
  scenario(name, async (probe) => {
    for (const [method, path, body, more] of steps) await probe.show(method, path, { ...more, ...(body !== undefined && { body }) });
  });

/** The same, of objects whose status controllers write meanwhile: it is left out, and so are versions. */
export const requestsOfSpecs = (name: string, steps: readonly Step[]): Scenario =>
  scenario(name, async (probe) => {
    for (const [method, path, body, more] of steps) {
      const answer = await probe.call(method, path, { ...more, ...(body !== undefined && { body }) });
      if (isRecord(answer.body) && answer.body['kind'] !== 'Status') {
        if (answer.body['kind'] !== 'Pod') delete answer.body['status'];
        delete answer.body['metadata'].resourceVersion;
      }
      probe.note(`${method} ${path}`, answer);
    }
  });
