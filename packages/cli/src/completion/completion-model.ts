import type { Command } from 'commander';
import { formats } from '../format.js';
import { everyCommand } from '../program.js';

/** What may follow: words that are known, a file, or something that nobody can guess. */
export type Values = readonly string[] | 'file' | 'any';

export interface Flag {
  readonly long: string;
  readonly short: string | undefined;
  readonly text: string;
  /** Undefined: it takes no value. */
  readonly values: Values | undefined;
}

/** A command as a shell needs it. */
export interface CompletionCommand {
  /** `lock status`; empty for the program itself. */
  readonly path: string;
  readonly text: string;
  readonly commands: readonly { readonly name: string; readonly text: string }[];
  readonly flags: readonly Flag[];
  /** Words of its first argument. */
  readonly first: readonly string[];
}

/** Words that a flag may have, where there are few. */
export const flagWords: Readonly<Record<string, readonly string[]>> = {
  '--output': formats,
  '--strategy': ['rolling', 'blue-green', 'canary'],
  '--sensitivity': ['low', 'medium', 'high'],
  '--on-inconclusive': ['pause', 'rollback', 'promote'],
  '--on-interrupt': ['pause', 'rollback'],
  '--on-timeout': ['continue', 'rollback'],
  '--kind': ['outage', 'degradation', 'data-corruption', 'security', 'cluster'],
  '--format': ['yaml', 'json', 'ts', 'mjs'],
  '--against': ['stable', 'limits'],
  '--config-format': ['any', 'data'],
};

/** Words of the first argument of a command. */
export const argumentWords: Readonly<Record<string, readonly string[]>> = {
  checklist: ['pre', 'during', 'post'],
  config: ['check'],
  completion: ['bash', 'zsh', 'fish'],
  watchdog: ['run'],
};

const files = /<(file|chart)>/;

/** The grammar of the program as a shell needs it. Pure. */
export const completionOf = (program: Command): readonly CompletionCommand[] => everyCommand(program).map(commandOf);

function commandOf(command: Command): CompletionCommand {
  const path = pathOf(command);
  return {
    path,
    text: firstLine(command.description()),
    commands: command.commands.map((each) => ({ name: each.name(), text: firstLine(each.description()) })),
    flags: [
      ...command.options.filter(({ hidden, long }) => !hidden && typeof long === 'string').map(flagOf),
      { long: '--help', short: '-h', text: 'what it does, its flags, and examples', values: undefined },
    ],
    first: argumentWords[path] ?? [],
  };
}

const pathOf = (command: Command): string => (command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim());

function flagOf({ flags, long, short, description, required }: Command['options'][number]): Flag {
  const name = String(long);
  const values = !required ? undefined : (flagWords[name] ?? (files.test(flags) || name === '--kubeconfig' ? 'file' : 'any'));
  return { long: name, short, text: firstLine(description), values };
}

/** Up to where it goes into detail; nothing that a shell would read. */
const firstLine = (text: string): string => (text.split(/ \(|[:;]/)[0] ?? '').replaceAll(/[^\p{L}\p{N} .,/-]/gu, '').trim();
