import type { Use } from '../extend/definition.js';
import type { Platform } from '../ports/platform.js';
import type { Finding } from '../words/finding.js';

/** Commands that are to be run in pods, by checks of the box. */
export const runsCommands = (checks: readonly Use<'step' | 'check'>[]): boolean => checks.some(({ use }) => use === 'shepherd/exec');

/** A platform that runs none is found out before the first write, not by a verdict once pods were replaced. Pure. */
export const execFindings = ({ exec, name }: Pick<Platform<unknown>, 'exec' | 'name'>, isNeeded: boolean): readonly Finding[] =>
  exec !== undefined || !isNeeded
    ? []
    : [
        {
          id: 'exec-unsupported',
          level: 'error',
          object: `platform ${name}`,
          message: `${name} runs no commands in pods here, and a check asks for one`,
          fix: 'take shepherd/exec out of the checks, or use a platform with exec: kubernetes() over HTTP has it',
        },
      ];
