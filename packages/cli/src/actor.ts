import { hostname, userInfo } from 'node:os';
import type { Actor } from '@shepherd/core';

/** The person at this machine, also where the shell exports neither user nor host; undefined in CI, which core names by its run. */
export function personHere({ GITHUB_ACTOR, CI, USER, LOGNAME }: Readonly<Record<string, string | undefined>>): Actor | undefined {
  if (GITHUB_ACTOR || CI) return undefined;
  return { name: `${USER || LOGNAME || userName()}@${hostname()}`, kind: 'human' };
}

/** A user of a container may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
