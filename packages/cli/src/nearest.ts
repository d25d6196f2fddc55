/** Single-character changes between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The known name that a wrong one most likely meant; undefined where none is close. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((each) => ({ each, away: bare(each).startsWith(bare(name)) && bare(name) !== '' ? 0 : distance(bare(name), bare(each)) }));
  const best = scored.toSorted((a, b) => a.away - b.away)[0];
  return best !== undefined && best.away <= Math.max(2, Math.floor(name.length / 2)) ? best.each : undefined;
}
