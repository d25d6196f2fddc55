import type { Issue, Use } from '@shepherd/core';
import { exec, http } from '@shepherd/core/checks';
import type { CheckByCommand, CheckByPath, ConfiguredCheck } from '../config/settings.js';
import { asDuration } from './seconds.js';

/** Whether it asks a path, and runs no command. */
export const isByPath = (check: ConfiguredCheck): check is string | CheckByPath => typeof check === 'string' || 'path' in check;

/** What `checks` of a config and `--check` name, as checks; what it answers wrongly may open an incident. */
export function namedChecks(named: readonly ConfiguredCheck[], issues: Issue[]): readonly Use<'check'>[] {
  return named.map((check) => {
    const use = isByPath(check) ? byPath(check, issues) : byCommand(check);
    const incident = typeof check === 'string' ? undefined : check.incident;
    return incident === undefined ? use : { ...use, incident };
  });
}

function byPath(check: string | CheckByPath, issues: Issue[]): Use<'check'> {
  const { incident: _incident, ...asked } = typeof check === 'string' ? { path: check, incident: undefined } : check;
  if (!asked.path.startsWith('/')) issues.push({ path: '--check', got: JSON.stringify(asked.path), expected: 'a path such as /api/health' });
  return http(asked as { readonly path: string });
}

function byCommand({ exec: command, timeout, incident: _incident, ...rest }: CheckByCommand): Use<'check'> {
  const duration = timeout === undefined ? undefined : asDuration(timeout);
  return exec({ command, ...rest, ...(duration === undefined ? {} : { timeout: duration }) } as Parameters<typeof exec>[0]);
}
