/** One thing that a block of a terminal does, and what it shows after it. */
export interface Act {
  /** A command line, or `# 5m later`: time passes. */
  readonly line: string;
  readonly shown: readonly string[];
}

/** A block as it is typed: `$ COMMAND`, then its output. */
export function actsOf(text: string): readonly Act[] {
  const acts: { line: string; shown: string[] }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    if (/^(?:\$ |# )/.test(line)) acts.push({ line: line.replace(/^\$ /, ''), shown: [] });
    else acts.at(-1)?.shown.push(line);
  }
  return acts;
}

/** Milliseconds of `# 5m later`. */
export function pauseOf(line: string): number | undefined {
  const [, count, unit] = /^# (\d+)(s|m) later/.exec(line) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 'm' ? 60_000 : 1_000);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** How wide the columns of a table are depends on names that nobody chose. */
const flat = (line: string): string => line.replace(/(?<=\S) {2,}/g, ' ').trimEnd();

/** Whether output is what a page shows of it: a line `…` stands for any lines, `…` within a line for any text of that line. */
export function isShown(shown: readonly string[], output: string): boolean {
  const parts = shown.map((line) => (line.trim() === '…' ? String.raw`(?:[^\n]*\n)*?` : `${flat(line).split('…').map(escaped).join(String.raw`[^\n]*?`)}\n`));
  const lines = output.replace(/\n$/, '').split('\n').map(flat);
  return new RegExp(`^${parts.join('')}$`).test(output === '' ? '' : `${lines.join('\n')}\n`);
}
