import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Obeyed, readEntries, readLog } from '../../../cli/src/__fixtures__/actions-runner.js';

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the one file of the action, as it is released. @returns its path */
export async function buildAction(folder: string): Promise<string> {
  await promisify(execFile)('npx', ['--no-install', 'tsup', '--out-dir', folder], { cwd: packageFolder });
  return join(folder, 'action.mjs');
}

/** What a step came to, as the runner sees it. */
export interface StepResult {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly obeyed: readonly Obeyed[];
  readonly shown: string;
}

export interface RunningStep {
  readonly child: ChildProcess;
  readonly result: Promise<StepResult>;
  /** Resolves when the log has this. @throws Error where the step ended without it */
  until(text: RegExp): Promise<void>;
}

const defaults = { command: 'deploy', 'auto-promote': 'false', 'dry-run': 'false' };

/** A job of the runner: a folder for its files, and steps that start the action's file as the runner does. */
export class FakeRunner implements AsyncDisposable {
  readonly #children = new Set<ChildProcess>();
  #steps = 0;

  private constructor(
    readonly folder: string,
    private readonly file: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly workspace: string,
  ) {}

  /** `workspace`: where its steps start. @default a folder of its own */
  static async open(file: string, env: Readonly<Record<string, string>>, workspace?: string): Promise<FakeRunner> {
    const folder = await mkdtemp(join(tmpdir(), 'shepherd-runner-'));
    return new FakeRunner(folder, file, env, workspace ?? folder);
  }

  /** Starts the main script with inputs, or with what `state` it left the post script. */
  async start(inputs: Readonly<Record<string, string>>, { state = {}, node = process.execPath }: { state?: Readonly<Record<string, string>>; node?: string } = {}): Promise<RunningStep> {
    this.#steps += 1;
    const names = ['output', 'state', 'env', 'summary'] as const;
    const folder = join(this.folder, String(this.#steps));
    await mkdir(folder);
    for (const name of names) await writeFile(join(folder, name), '');
    const child = spawn(node, [this.file], {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTOR: 'ada',
        GITHUB_OUTPUT: join(folder, 'output'),
        GITHUB_STATE: join(folder, 'state'),
        GITHUB_ENV: join(folder, 'env'),
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        RUNNER_TEMP: join(this.folder, 'temp'),
        ...this.env,
        ...Object.fromEntries(Object.entries({ ...defaults, ...inputs }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
        ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
      },
    });
    this.#children.add(child);
    let log = '';
    let over = false;
    // The runner reads both streams of a step into one log.
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (log += String(data)));
    const result = once(child, 'close').then(async ([code, killedBy]): Promise<StepResult> => {
      over = true;
      const [output = '', stateText = '', env = '', summary = ''] = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
      const { obeyed, shown } = readLog(log);
      return { code, killedBy, outputs: readEntries(output), state: readEntries(stateText), env: readEntries(env), summary, obeyed, shown: shown.join('\n') };
    });
    // Where a test ends before it, its folder is gone.
    result.catch(() => undefined);
    return {
      child,
      result,
      async until(text) {
        while (!text.test(log)) {
          if (over && !text.test(log)) throw new Error(`it ended without ${text}: ${log}`);
          await pause(20);
        }
      },
    };
  }

  async run(inputs: Readonly<Record<string, string>>, options: Parameters<FakeRunner['start']>[1] = {}): Promise<StepResult> {
    return (await this.start(inputs, options)).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
