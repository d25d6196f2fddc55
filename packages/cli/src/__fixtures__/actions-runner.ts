/** A command that the runner of GitHub Actions obeyed. */
export interface Obeyed {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const known = new Set(['debug', 'notice', 'warning', 'error', 'group', 'endgroup', 'add-mask', 'stop-commands', 'set-output', 'set-env', 'save-state', 'add-path']);
const plain = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');

function parse(line: string, names: ReadonlySet<string>): Obeyed | undefined {
  const [, head = '', data = ''] = /^\s*::(.*?)::(.*)$/su.exec(line) ?? /##\[([^\]]*)\](.*)$/su.exec(line) ?? [];
  const space = head.indexOf(' ');
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  if (!names.has(name)) return undefined;
  const pairs = space < 0 ? [] : head.slice(space + 1).split(',');
  const properties = Object.fromEntries(pairs.map((pair) => [pair.split('=')[0]?.trim() ?? '', plain(pair.slice(pair.indexOf('=') + 1))]));
  return { name, properties, data: plain(data) };
}

/** Reads a log as the runner does (its ActionCommand and ActionCommandManager): what it obeys, and what it shows. */
export function readLog(text: string): { readonly obeyed: readonly Obeyed[]; readonly shown: readonly string[] } {
  const obeyed: Obeyed[] = [];
  const shown: string[] = [];
  let token: string | undefined;
  for (const line of text.split(/\r\n|[\n\r]/u)) {
    const command = parse(line, token === undefined ? known : new Set([...known, token.toLowerCase()]));
    if (command === undefined || (token !== undefined && command.name !== token.toLowerCase())) shown.push(line);
    else if (token !== undefined) token = undefined;
    else if (command.name === 'stop-commands') token = command.data;
    else obeyed.push(command);
  }
  return { obeyed, shown };
}

/** Reads a file of `name<<delimiter` entries (its FileCommandManager). @throws Error where the runner would fail the step */
export function readEntries(text: string): Readonly<Record<string, string>> {
  const entries: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (line === '') continue;
    const [, name = '', delimiter] = /^([^=]+?)<<(.+)$/u.exec(line) ?? [];
    if (delimiter === undefined) {
      if (!line.includes('=')) throw new Error(`Invalid format '${line}'`);
      entries[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
      continue;
    }
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new Error(`Matching delimiter not found '${delimiter}'`);
    entries[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return entries;
}
