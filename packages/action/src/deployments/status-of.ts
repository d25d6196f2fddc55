import { formatOutcome, type Outcome } from '@shepherd/core';

/** States of a deployment's status that are posted here; GitHub knows no "rolled back". */
export type State = 'in_progress' | 'pending' | 'success' | 'failure' | 'error' | 'inactive';

export interface Status {
  readonly state: State;
  readonly description: string;
}

/** GitHub refuses more. */
const mostCharacters = 140;

/** One line that GitHub takes. Pure. */
export function described(text: string): string {
  const characters = [...(text.split('\n')[0] ?? '')];
  return characters.length <= mostCharacters ? characters.join('') : `${characters.slice(0, mostCharacters - 1).join('')}…`;
}

/** What a rollout came to, as a status; undefined where it is not over and somebody else goes on. Pure. */
export function statusOf(outcome: Outcome): Status | undefined {
  const description = described(formatOutcome(outcome));
  switch (outcome.kind) {
    case 'succeeded':
      return { state: 'success', description };
    case 'rolled-back':
    case 'failed-untouched':
      return { state: 'failure', description };
    case 'rollback-failed':
      return { state: 'error', description };
    case 'superseded':
      return { state: 'inactive', description };
    case 'paused':
      return { state: 'pending', description };
    case 'detached':
    case 'lock-lost':
      return undefined;
  }
}
