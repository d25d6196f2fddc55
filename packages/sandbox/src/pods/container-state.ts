import type { Exit } from './app-process.js';

export interface Terminated extends Exit {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly containerID: string;
}

/** What a container does, as its status says it. */
export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: Terminated };

/** What a container's status says, as far as a node that comes back takes it up. */
export interface ContainerBefore {
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState?: { readonly terminated?: Terminated };
  readonly containerID?: string;
}

/** The state of a container after its machine was down: what ran did not survive it. `undefined`: it had never run. */
export function stateAfterOutage({ state, lastState, containerID = '' }: ContainerBefore, now: string): ContainerState | undefined {
  if ('running' in state) {
    return { terminated: { exitCode: 255, reason: 'Unknown', startedAt: state.running.startedAt, finishedAt: now, containerID } };
  }
  return 'terminated' in state || lastState?.terminated !== undefined ? state : undefined;
}

/** Whether a container is started again after it ended like this. */
export const runsAgain = (restartPolicy: string, { exitCode }: Exit): boolean =>
  restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
