import { type Issue, invalidOptions } from '@shepherd/core';
import { type Format, formats, isData } from './format.js';
import type { Io, Output } from './io.js';

/** What every command takes. */
export interface OutputFlags {
  readonly output?: string | undefined;
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** `--no-color` makes it false. */
  readonly color?: boolean | undefined;
  /** `--no-input` makes it false. */
  readonly input?: boolean | undefined;
}

/** How a command says what it has to say. */
export interface OutputMode {
  readonly format: Format;
  /** Only what it came to, and errors. */
  readonly quiet: boolean;
  /** Also each request and each child process, on stderr. */
  readonly verbose: boolean;
  /** Of what goes to stdout. */
  readonly colour: boolean;
  /** Somebody sits there, who sees what Ctrl-C led to. */
  readonly attended: boolean;
  /** Somebody sits there and can answer. */
  readonly canAsk: boolean;
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
const isOn = (value: string | undefined): boolean => isSet(value) && value !== '0' && value !== 'false';

/** Whether a stream gets colours. Flags win, then FORCE_COLOR, then what forbids them, then what the stream is. Pure. */
export function hasColour({ color }: OutputFlags, env: Io['env'], { isTTY }: Pick<Output, 'isTTY'>): boolean {
  if (color === false) return false;
  if (isSet(env['FORCE_COLOR'])) return isOn(env['FORCE_COLOR']);
  if (isSet(env['NO_COLOR']) || isSet(env['SHEPHERD_NO_COLOR']) || env['TERM'] === 'dumb') return false;
  return isTTY === true;
}

/** What is not said: GitHub Actions read their own lines, a log gets lines, a person at a terminal that can a display. Pure. */
function defaultFormat({ json, verbose }: OutputFlags, { stdout, env }: Pick<Io, 'stdout' | 'env'>): Format {
  if (json === true) return 'ndjson';
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  // What is said beside it would tear a display.
  return verbose === true || isOn(env['CI']) || stdout.isTTY !== true || env['TERM'] === 'dumb' ? 'plain' : 'tty';
}

/** How a command shall speak. Pure. @throws ShepherdError ERR_INVALID_OPTIONS */
export function outputMode(flags: OutputFlags, io: Pick<Io, 'stdin' | 'stdout' | 'stderr' | 'env'>): OutputMode {
  const { output, json, quiet = false, verbose = false, input } = flags;
  const issues: Issue[] = [];
  if (output !== undefined && !(formats as readonly string[]).includes(output))
    issues.push({ path: '--output', got: JSON.stringify(output), expected: formats.join(', ') });
  if (json === true && output !== undefined && !isData(output as Format))
    issues.push({ path: '--json', got: `it with --output ${output}`, expected: 'one of the two' });
  if (verbose && (quiet || output === 'tty'))
    issues.push({ path: '--verbose', got: quiet ? 'it with --quiet' : 'it with --output tty', expected: 'one of the two' });
  if (issues.length > 0) throw invalidOptions(issues, 'correct what is named; --help lists the flags');
  const atTerminal = io.stdin.isTTY === true && io.stderr.isTTY === true;
  return {
    format: (output as Format | undefined) ?? defaultFormat(flags, io),
    quiet,
    verbose,
    colour: hasColour(flags, io.env, io.stdout),
    attended: atTerminal && !isOn(io.env['CI']),
    canAsk: input !== false && atTerminal,
  };
}
