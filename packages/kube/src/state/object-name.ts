import { createHash } from 'node:crypto';

const longest = 253;

/** Name of an object of ours for an app; a name that would be too long ends in a hash of the whole. */
export function stateName(app: string, suffix = ''): string {
  const name = `shepherd-${app}${suffix}`;
  if (name.length <= longest) return name;
  return `${name.slice(0, longest - 11)}-${createHash('sha256').update(name).digest('hex').slice(0, 10)}`;
}
