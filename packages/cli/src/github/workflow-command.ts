/** What the runner of GitHub Actions does with a line of the log that is a command. */
export type CommandName = 'debug' | 'notice' | 'warning' | 'error' | 'group' | 'endgroup' | 'add-mask' | 'stop-commands';

const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** One command as a line of its own, whatever its text holds. Pure. */
export function workflowCommand(name: CommandName, text: string, properties: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::${name}${pairs.length === 0 ? '' : ` ${pairs.join(',')}`}::${escapeData(text)}\n`;
}

/** Whether the runner may take a line for a command: `::…` after spaces, or the older `##[…` anywhere in it. Pure. */
export const looksLikeCommand = (line: string): boolean => /^\s*::/u.test(line) || line.includes('##[');

/** Foreign lines, made harmless: between the two tokens the runner obeys nothing. `token` must be nobody's to guess. Pure. */
export const withoutCommands = (lines: readonly string[], token: string): string =>
  `${workflowCommand('stop-commands', token)}${lines.map((line) => `${line}\n`).join('')}::${token}::\n`;

/** One entry of a file of the runner (`GITHUB_OUTPUT`, `GITHUB_STATE`, `GITHUB_ENV`), of any number of lines. `delimiter` must be nobody's to guess. Pure. */
export const fileEntry = (name: string, value: string, delimiter: string): string => `${name}<<${delimiter}\n${value}\n${delimiter}\n`;

/** Text with a space in whatever the runner would take for a command. Pure. */
export const defused = (text: string): string => text.replaceAll(/^(\s*):(?=:)/gmu, '$1: ').replaceAll('##[', '## [');
