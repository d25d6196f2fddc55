import { appendFileSync } from 'node:fs';
import type { Report } from '@shepherd/cli';
import type { Outcome, RolloutEvent } from '@shepherd/core';

type Env = Readonly<Record<string, string | undefined>>;

/** How a command reaches its cluster: all that a later command about the same rollout needs. */
const connectionFlags = ['--namespace', '-n', '--context', '--kubeconfig', '--prometheus', '--config', '-c', '--environment', '--config-format'];

/** Those words of a command line that say where the cluster is. Pure. */
export const connectionOf = (line: readonly string[]): readonly string[] =>
  line.flatMap((word, at) => {
    if (connectionFlags.some((name) => word.startsWith(`${name}=`))) return [word];
    const value = line[at + 1];
    return connectionFlags.includes(word) && value !== undefined ? [word, value] : [];
  });

/** Keeps in the runner's state what the end of the job has to see to, as soon as there is something: this process may be killed. */
export class LeftBehind implements Report {
  constructor(
    private readonly env: Env,
    line: readonly string[],
  ) {
    this.#save('main', 'true');
    this.#save('line', JSON.stringify([line[0], ...connectionOf(line)]));
  }

  event(event: RolloutEvent): void {
    if (event.type === 'rollout-start' || event.type === 'driver-change') this.#save('rollout', event.rolloutId);
  }

  outcome(outcome: Outcome): void {
    // Paused: it waits for a person, not for the end of the job. Lost: somebody else drives.
    if (outcome.kind !== 'detached') this.#save('over', outcome.kind);
  }

  #save(name: string, value: string): void {
    const { GITHUB_STATE } = this.env;
    const delimiter = `ghadelimiter_${crypto.randomUUID()}`;
    if (GITHUB_STATE) appendFileSync(GITHUB_STATE, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
  }
}

/** What the end of a job does about a rollout that its step left: the line of a command, or nothing. Pure. */
export function lineAtTheEnd(env: Env): readonly string[] | undefined {
  const { STATE_rollout: rollout, STATE_over: over, STATE_line: line } = env;
  if (!rollout || over || !line) return undefined;
  const [command = '', ...connection] = JSON.parse(line) as readonly string[];
  // A release that was cancelled goes back; a way back goes on.
  const verb = command === 'deploy' || command === 'abort' ? 'abort' : 'resume';
  return [verb, rollout, ...connection, '--reason=its job was cancelled', '--output=github'];
}
