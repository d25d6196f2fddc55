/** Columns of text, as wide as they need to be; numbers to the right. */
export function table(rows: readonly Readonly<Record<string, string | number | boolean | null>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const text = (value: unknown): string => (value === null || value === undefined ? '–' : String(value));
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => text(row[name]).length)));
  const line = (cells: readonly unknown[]): string =>
    cells
      .map((cell, i) => (typeof cell === 'number' ? text(cell).padStart(widths[i] ?? 0) : text(cell).padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name])))].join('\n');
}
