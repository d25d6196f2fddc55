/**
 * A length of time as people write it: `250ms`, `30s`, `10m`, `1.5h`. Inside the code a number carries its unit in its name (`timeoutMs`).
 */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const shape = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Milliseconds of a duration, or `undefined` where the text is none (no unit, negative, not a number). */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = shape.exec(text) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (unitMs[unit] ?? Number.NaN);
}

/** Milliseconds of a duration that was checked where it entered. @throws RangeError where it is none */
export function toMs(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new RangeError(`not a duration: ${duration}`);
  return ms;
}

/** How people read it: `850 ms`, `12 s`, `4 min 30 s`, `2 h 5 min`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000 && ms % 1_000 !== 0) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const [minutes, restSeconds] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return restSeconds === 0 ? `${minutes} min` : `${minutes} min ${restSeconds} s`;
  const [hours, restMinutes] = [Math.floor(minutes / 60), minutes % 60];
  return restMinutes === 0 ? `${hours} h` : `${hours} h ${restMinutes} min`;
}
