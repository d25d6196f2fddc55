import type { Issue, Use } from '@shepherd/core';
import { http } from '@shepherd/core/checks';
import type { ConfiguredCheck } from '../config/settings.js';

/** What `checks` of a config and `--check` name, as checks; what it answers wrongly may open an incident. */
export function namedChecks(named: readonly ConfiguredCheck[], issues: Issue[]): readonly Use<'check'>[] {
  return named.map((check) => {
    const { incident, ...asked } = typeof check === 'string' ? { path: check, incident: undefined } : check;
    if (!asked.path.startsWith('/')) issues.push({ path: '--check', got: JSON.stringify(asked.path), expected: 'a path such as /api/health' });
    const use = http(asked as { readonly path: string });
    return incident === undefined ? use : { ...use, incident };
  });
}
