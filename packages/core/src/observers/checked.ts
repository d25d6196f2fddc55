import type { Issue } from '../errors/error-facts.js';
import { invalidOptions } from '../errors/shepherd-error.js';
import type { Observer } from '../ports/observer.js';
import { shown } from '../strategies/options.js';

/** @throws ShepherdError ERR_INVALID_OPTIONS for what is no observer of this version */
export function checkedObservers(given: readonly Observer[]): readonly Observer[] {
  const issues = given.flatMap((observer, index): readonly Issue[] => {
    const { specificationVersion: version, observe } = (observer ?? {}) as { readonly specificationVersion?: unknown; readonly observe?: unknown };
    if (version === 'v1' && typeof observe === 'function') return [];
    const got = version === 'v1' ? 'no observe' : `specificationVersion ${shown(version)}`;
    return [{ path: `observers.${index}`, got, expected: "an observer with specificationVersion 'v1', such as openTelemetry()" }];
  });
  if (issues.length > 0) throw invalidOptions(issues);
  return given;
}
