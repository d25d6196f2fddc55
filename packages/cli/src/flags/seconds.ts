import { type Duration, type Issue, parseDuration } from '@shepherd/core';

/** A time as the guide writes it: a bare number is seconds, `3m` says its unit. Undefined where it is neither. */
export function asDuration(text: string | number): Duration | undefined {
  const given = String(text).trim();
  if (/^\d+(\.\d+)?$/.test(given)) return `${Number(given)}s`;
  return parseDuration(given) === undefined ? undefined : (given as Duration);
}

/** Reads a flag that holds a time and notes what is wrong with it. */
export function readDuration(path: string, value: string | number | undefined, issues: Issue[], { leastMs = 1_000 } = {}): Duration | undefined {
  if (value === undefined) return undefined;
  const duration = asDuration(value);
  if (duration === undefined) issues.push({ path, got: JSON.stringify(value), expected: 'seconds, or a number with a unit: 180 or 3m' });
  else if ((parseDuration(duration) ?? 0) < leastMs) issues.push({ path, got: JSON.stringify(value), expected: `at least ${leastMs / 1_000} s` });
  else return duration;
  return undefined;
}
