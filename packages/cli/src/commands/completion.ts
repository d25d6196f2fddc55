import { invalidOptions } from '@shepherd/core';
import { bashScript } from '../completion/bash.js';
import { completionOf } from '../completion/completion-model.js';
import { fishScript } from '../completion/fish.js';
import { zshScript } from '../completion/zsh.js';
import { makeProgram } from '../program.js';
import type { World } from '../world.js';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Prints the script that lets a shell complete this command, made from the grammar that it is read by. */
export async function completion(shell: string, _flags: unknown, { io }: World): Promise<number> {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell as keyof typeof scripts] : undefined;
  if (script === undefined)
    throw invalidOptions([{ path: 'completion', got: JSON.stringify(shell), expected: Object.keys(scripts).join(', ') }], 'name your shell');
  io.stdout.write(script(completionOf(makeProgram('', async () => undefined))));
  return 0;
}
