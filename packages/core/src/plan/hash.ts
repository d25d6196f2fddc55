import { sha256 } from './sha256.js';

/** JSON with sorted keys and without undefined fields: the same value has one text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each === undefined ? null : each)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined && typeof field !== 'function')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Twelve hex digits of the SHA-256 of a value's canonical JSON. */
export async function hashOf(value: unknown): Promise<string> {
  return [...sha256(new TextEncoder().encode(canonical(value)))]
    .slice(0, 6)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
