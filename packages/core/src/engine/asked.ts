import type { StoredCommand } from './commands.js';
import type { RolloutRecord } from './record.js';

type Answer = Extract<StoredCommand, { kind: 'approve' | 'reject' | 'resume' }>;
type Moment = Pick<RolloutRecord, 'phase' | 'waiting'>;

const isAnswer = (command: StoredCommand): command is Answer => command.kind === 'resume' || command.kind === 'approve' || command.kind === 'reject';

/** What a command is as the answer to a wait: promoting ends a pause, and approves nothing. */
function answerOf(command: StoredCommand): readonly Answer[] {
  if (isAnswer(command)) return [command];
  return command.kind === 'promote' ? [{ ...command, kind: 'resume' }] : [];
}

/** With one more: what resumes takes back a pause that was asked for before, and an answer is of use where there is a wait. */
export function withAsked(asked: readonly StoredCommand[], command: StoredCommand, { waiting }: Moment): readonly StoredCommand[] {
  const answer = answerOf(command);
  const before = answer.some(({ kind }) => kind === 'resume') ? asked.filter(({ kind }) => kind !== 'pause') : asked;
  return [...before, ...(isAnswer(command) ? [] : [command]), ...(waiting === undefined ? [] : answer)];
}

/** What is left of them after a change: nothing going back; no pause that is stored as one; no answer to a wait that has ended. */
export function stillAsked(asked: readonly StoredCommand[], { phase, waiting }: Moment): readonly StoredCommand[] {
  if (phase !== 'forward') return [];
  return asked.filter((command) => !(command.kind === 'pause' && waiting?.on === 'pause') && !(isAnswer(command) && waiting === undefined));
}
