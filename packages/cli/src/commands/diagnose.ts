import type { Issue } from '@shepherd/core';
import { diagnose, formatDiagnosis, type Trouble, troubles } from '@shepherd/core/diagnosis';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { readDependencies } from '../flags/dependencies.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

interface DiagnoseFlags extends AppFlags {
  readonly dependency?: readonly string[] | undefined;
  readonly allowPrivate?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const isTrouble = (word: string | undefined): word is Trouble => troubles.includes(word as Trouble);

/** Says why an app is not well. Exit code 0 whatever is found: `state` says it to programs. Writes nothing. */
export async function diagnoseApp(first: string | undefined, second: string | undefined, flags: DiagnoseFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  // The guide names the trouble alone.
  const [argument, word] = second === undefined && isTrouble(first) ? [undefined, first] : [first, second];
  const app = appName(argument, flags, settings, issues);
  if (word !== undefined && !isTrouble(word)) issues.push({ path: 'trouble', got: word, expected: `one of ${troubles.join(', ')}` });
  if (flags.allowPrivate === true && word !== 'registry')
    issues.push({ path: '--allow-private', got: word ?? 'no trouble', expected: 'registry, which it is about' });
  const declared = readDependencies(flags.dependency ?? [], issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd, interrupt }) => {
    const report = await diagnose(shepherd, app, {
      ...(isTrouble(word) ? { about: word } : {}),
      dependencies: [...(settings.dependencies ?? []), ...declared],
      allowPrivate: flags.allowPrivate,
      signal: interrupt.abortSignal,
    });
    world.io.stdout.write(`${flags.json ? JSON.stringify(report) : formatDiagnosis(report)}\n`);
    return 0;
  });
}
