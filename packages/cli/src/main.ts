import type { CommanderError } from 'commander';
import type { Connect } from './connect.js';
import type { Io } from './io.js';
import { makeProgram } from './program.js';
import type { World } from './world.js';

declare const __PACKAGE_VERSION__: string;

/** For programs that bring their own cluster. @default connect the kubeconfig's, clock the system's */
export interface MainOptions {
  readonly connect?: Connect | undefined;
  readonly clock?: World['clock'] | undefined;
}

/** Runs one command line (without node and script). Never rejects. @returns the exit code */
export async function main(argv: readonly string[], io: Io, options: MainOptions = {}): Promise<number> {
  let exitCode = 0;
  const world = async (): Promise<World> => {
    const [{ systemClock }, { connectKube, nameKubeContext }] = await Promise.all([import('@shepherd/core'), import('./connect.js')]);
    const { clock = systemClock, connect } = options;
    return { io, clock, connect: connect ?? connectKube(io, clock), nameContext: connect === undefined ? nameKubeContext : async () => undefined };
  };
  const program = makeProgram(__PACKAGE_VERSION__, async (work, json) => {
    try {
      exitCode = await work(world);
    } catch (error) {
      exitCode = (await import('./print-error.js')).printError(error, io, json);
    }
  });
  for (const command of [program, ...program.commands]) command.configureOutput({ writeOut: (text) => void io.stdout.write(text) });
  if (argv.length === 0) {
    io.stderr.write(program.helpInformation());
    return 2;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    exitCode = await usageCode(error as CommanderError, io, argv.includes('--json'));
  }
  return exitCode;
}

/** Commander throws for help and version too. */
async function usageCode(error: CommanderError, io: Io, json: boolean): Promise<number> {
  if (error.exitCode === 0) return 0;
  const [{ ShepherdError }, { printError }] = await Promise.all([import('@shepherd/core'), import('./print-error.js')]);
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const facts = { issues: [{ path: 'arguments', got: message, expected: 'what shepherd --help lists' }] };
  return printError(new ShepherdError('ERR_INVALID_OPTIONS', message, { facts, remedy: 'shepherd --help, or shepherd COMMAND --help' }), io, json);
}
