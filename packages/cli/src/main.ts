import type { CommanderError } from 'commander';
import type { Connect } from './connect.js';
import { isData } from './format.js';
import type { Io } from './io.js';
import { everyCommand, makeProgram } from './program.js';
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
  const program = makeProgram(__PACKAGE_VERSION__, async (work, flags) => {
    const world = async (): Promise<World> => {
      const [{ systemClock }, { connectKube, nameKubeContext }, { outputMode }] = await Promise.all([
        import('@shepherd/core'),
        import('./connect.js'),
        import('./output-mode.js'),
      ]);
      const { clock = systemClock, connect } = options;
      const output = outputMode(flags, io);
      return { io, output, clock, connect: connect ?? connectKube(io, clock), nameContext: connect === undefined ? nameKubeContext : async () => undefined };
    };
    try {
      exitCode = await work(world);
    } catch (error) {
      exitCode = (await import('./print-error.js')).printError(error, io, flags.json === true || isData(flags.output));
    }
  });
  for (const command of everyCommand(program)) command.configureOutput({ writeOut: (text) => void io.stdout.write(text) });
  if (argv.length === 0) {
    io.stderr.write(program.helpInformation());
    return 2;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    exitCode = await usageCode(error as CommanderError, io, argv);
  }
  return exitCode;
}

/** Commander throws for help and version too. */
async function usageCode(error: CommanderError, io: Io, argv: readonly string[]): Promise<number> {
  if (error.exitCode === 0) return 0;
  const [{ ShepherdError }, { printError }, { asksForData }] = await Promise.all([
    import('@shepherd/core'),
    import('./print-error.js'),
    import('./output-mode.js'),
  ]);
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const facts = { issues: [{ path: 'arguments', got: message, expected: 'what shepherd --help lists' }] };
  const remedy = 'shepherd --help, or shepherd COMMAND --help';
  return printError(new ShepherdError('ERR_INVALID_OPTIONS', message, { facts, remedy }), io, asksForData(argv));
}
