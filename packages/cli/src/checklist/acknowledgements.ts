import { appendFile, readFile } from 'node:fs/promises';
import { type Issue, invalidOptions } from '@shepherd/core';

/** What a person said of an item, of one app and one release. A line of the file. */
export interface Acknowledgement {
  readonly id: string;
  readonly app: string;
  readonly environment?: string | undefined;
  /** Images. */
  readonly release: readonly string[];
  readonly by: string;
  /** Why it may be ticked: a link, a number of a ticket. */
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function read(line: string): Acknowledgement | undefined {
  try {
    const { id, app, environment, release, by, reason, at } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const fits =
      [id, app, by, reason, at].every(isText) && Array.isArray(release) && release.every(isText) && (environment === undefined || isText(environment));
    return fits ? (JSON.parse(line) as Acknowledgement) : undefined;
  } catch {
    return undefined;
  }
}

/** All that the file holds; none where there is no file. @throws ShepherdError ERR_INVALID_OPTIONS with each line that is none */
export async function readAcknowledgements(file: string): Promise<readonly Acknowledgement[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw invalidOptions([{ path: '--file', got: `${file} (${error.code ?? error.message})`, expected: 'a file that can be read' }]);
  });
  const issues: Issue[] = [];
  const all = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const found = read(line);
    if (found === undefined) issues.push({ path: `${file}:${index + 1}`, got: 'a line that is none', expected: 'an acknowledgement as --ack writes it' });
    return found === undefined ? [] : [found];
  });
  if (issues.length > 0) throw invalidOptions(issues, 'correct the lines, or name another file with --file');
  return all;
}

/** Those of this app, environment and release. Pure. */
export const ofRelease = (
  all: readonly Acknowledgement[],
  { app, environment, release }: Pick<Acknowledgement, 'app' | 'environment' | 'release'>,
): readonly Acknowledgement[] =>
  all.filter((each) => each.app === app && each.environment === environment && each.release.toSorted().join() === release.toSorted().join());

/** Adds one line. @throws ShepherdError ERR_INVALID_OPTIONS where the file cannot be written */
export async function keepAcknowledgements(file: string, added: readonly Acknowledgement[]): Promise<void> {
  try {
    await appendFile(file, added.map((each) => `${JSON.stringify(each)}\n`).join(''));
  } catch (error) {
    throw invalidOptions([{ path: '--file', got: `${file} (${(error as NodeJS.ErrnoException).code})`, expected: 'a file that can be written' }]);
  }
}
