import type { CommanderError } from 'commander';
import type { Connect } from './connect.js';
import { formatIn, isData, isGithub } from './format.js';
import type { Io } from './io.js';
import { everyCommand, makeProgram } from './program.js';
import { allReports, type Report } from './report.js';
import type { World } from './world.js';

declare const __PACKAGE_VERSION__: string;

/** For programs that bring their own cluster. @default connect the kubeconfig's, clock the system's */
export interface MainOptions {
  readonly connect?: Connect | undefined;
  readonly clock?: World['clock'] | undefined;
  /** Told beside what is printed. */
  readonly report?: Report | undefined;
}

/** Runs one command line (without node and script). Never rejects. @returns the exit code */
export async function main(argv: readonly string[], io: Io, options: MainOptions = {}): Promise<number> {
  const given = options.report === undefined ? [] : [options.report];
  if (!isGithub(argv, io.env)) return runLine(argv, { io, report: allReports(given, (message) => void io.stderr.write(`${message}\n`)) }, options);
  const github = (await import('./github/github-io.js')).githubIo(io);
  return runLine(argv, { io: github.io, report: allReports([github.report, ...given], (message) => void github.io.stderr.write(`${message}\n`)) }, options);
}

/** Says an error as a command that failed by it does, for what wraps the command line. @returns the exit code */
export async function fail(error: unknown, io: Io): Promise<number> {
  const github = isGithub([], io.env) ? (await import('./github/github-io.js')).githubIo(io) : undefined;
  const report = allReports(github === undefined ? [] : [github.report]);
  const exitCode = await sayError(error, { io: github?.io ?? io, report }, false);
  report.end(exitCode);
  return exitCode;
}

async function sayError(error: unknown, { io, report }: Pick<World, 'io' | 'report'>, json: boolean): Promise<number> {
  const [{ errorInfo }, { printError }] = await Promise.all([import('@shepherd/core'), import('./print-error.js')]);
  report.error(errorInfo(error));
  return printError(error, io, json);
}

async function runLine(argv: readonly string[], { io, report }: Pick<World, 'io' | 'report'>, options: MainOptions): Promise<number> {
  let exitCode = 0;
  let untrace = (): void => undefined;
  const said = (error: unknown, json: boolean): Promise<number> => sayError(error, { io, report }, json);
  const program = makeProgram(__PACKAGE_VERSION__, async (work, flags) => {
    const world = async (): Promise<World> => {
      const [{ systemClock }, { connectKube, nameKubeContext }, { outputMode }] = await Promise.all([
        import('@shepherd/core'),
        import('./connect.js'),
        import('./output-mode.js'),
      ]);
      const { clock = systemClock, connect } = options;
      const output = outputMode(flags, io);
      if (output.verbose) {
        const { traceTraffic } = await import('./traffic/trace-traffic.js');
        untrace = traceTraffic(
          (line) => void io.stderr.write(`  ${line}\n`),
          () => performance.now(),
        );
      }
      const nameContext = connect === undefined ? nameKubeContext : async () => undefined;
      return { io, output, clock, report, connect: connect ?? connectKube(output.quiet ? { stderr: { write: () => undefined } } : io, clock), nameContext };
    };
    try {
      exitCode = await work(world);
    } catch (error) {
      exitCode = await said(error, flags.json === true || isData(flags.output));
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
    exitCode = await usageCode(error as CommanderError, (wrong) => said(wrong, isData(formatIn(argv))));
  } finally {
    untrace();
  }
  report.end(exitCode);
  return exitCode;
}

/** Commander throws for help and version too. */
async function usageCode(error: CommanderError, said: (error: unknown) => Promise<number>): Promise<number> {
  if (error.exitCode === 0) return 0;
  const { ShepherdError } = await import('@shepherd/core');
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const facts = { issues: [{ path: 'arguments', got: message, expected: 'what shepherd --help lists' }] };
  const remedy = 'shepherd --help, or shepherd COMMAND --help';
  return said(new ShepherdError('ERR_INVALID_OPTIONS', message, { facts, remedy }));
}
