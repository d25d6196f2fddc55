import { createInterface } from 'node:readline';
import type { Clock } from '@shepherd/core';
import type { Io } from './io.js';
import { bareName } from './production.js';

export type Answer = 'yes' | 'no' | 'interrupted';

const deadlineMs = 600_000;

interface Surroundings {
  readonly io: Io;
  readonly clock: Clock;
}

/** Asks before something is written: yes or no, or in production (`production`: by which name of it) the name of the app. No answer within ten minutes is a no. */
export const askConsent = (question: string, app: string, production: string | undefined, surroundings: Surroundings): Promise<Answer> =>
  production === undefined ? ask(question, surroundings) : askName(question, app, production, surroundings);

/** Yes or no; no answer within ten minutes is a no. */
export const ask = (question: string, surroundings: Surroundings): Promise<Answer> =>
  askLine(`${question} [y/N] `, surroundings, (text) => /^y(es)?$/i.test(text));

/** Asks for the name of the app, so that nobody does to production what was meant for another place. All else is a no. */
function askName(question: string, app: string, production: string, surroundings: Surroundings): Promise<Answer> {
  const name = bareName(app);
  return askLine(`${question}\nThis is production (${production}). Type ${name} to go on: `, surroundings, (text) => text === name || text === app);
}

async function askLine(question: string, { io, clock }: Surroundings, isYes: (text: string) => boolean): Promise<Answer> {
  const lines = createInterface({ input: io.stdin, output: io.stderr as NodeJS.WritableStream });
  const timer = new AbortController();
  try {
    return await new Promise<Answer>((resolve) => {
      lines.on('SIGINT', () => {
        io.stderr.write('\n');
        resolve('interrupted');
      });
      lines.on('close', () => resolve('no'));
      lines.question(question, (text) => resolve(isYes(text.trim()) ? 'yes' : 'no'));
      clock.sleep(deadlineMs, timer.signal).then(
        () => {
          io.stderr.write('\nno answer for ten minutes: no\n');
          resolve('no');
        },
        () => undefined,
      );
    });
  } finally {
    timer.abort();
    lines.close();
  }
}

/** Single keys, as long as it is not undone: y, n, and Ctrl-C, which raw mode takes from the terminal. */
export function listenToKeys({ stdin }: Io, heard: (answer: Answer) => void): () => void {
  const raw = stdin.isRaw;
  const hear = (data: Buffer | string): void => {
    for (const key of String(data)) {
      if (key === '\u0003') heard('interrupted');
      else if (key === 'y' || key === 'Y') heard('yes');
      else if (key === 'n' || key === 'N') heard('no');
    }
  };
  stdin.setRawMode?.(true);
  stdin.on('data', hear).resume();
  return () => {
    stdin.off('data', hear).pause();
    stdin.setRawMode?.(raw);
  };
}
