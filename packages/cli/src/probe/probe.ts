import type { AnswerJudgement } from './judge-answer.js';
import type { TimedAnswer } from './timed-request.js';

/** The request from here, as a user sends it. */
export type Probe = Partial<Omit<TimedAnswer, 'headers' | 'text'>> & { readonly url: string } & AnswerJudgement;
