import { invalidOptions } from '../errors/shepherd-error.js';
import type { Notice, NoticeFilter, Notifier } from '../ports/notifier.js';
import { shown } from '../strategies/options.js';
import { type App, parseAppRef } from '../words/app.js';
import type { NoticeContent } from './outbox.js';

const severities = ['info', 'warning', 'error', 'critical'] as const satisfies readonly Notice['severity'][];

type Routed = Pick<NoticeContent, 'severity' | 'type'>;

/** Whether a notifier wants a notice: by any of its routes. `apps`: `web`, `shop/web` or `eu/shop/web`. */
export const wants = (routes: Notifier['wants'], app: App, notice: Routed): boolean =>
  routes === undefined || listOf(routes).some((route) => lets(route, app, notice));

function lets({ minSeverity = 'info', types, apps }: NoticeFilter, app: App, { severity, type }: Routed): boolean {
  if (severities.indexOf(severity) < severities.indexOf(minSeverity)) return false;
  if (types !== undefined && !types.some((each) => (each.endsWith('.*') ? type.startsWith(each.slice(0, -1)) : each === type))) return false;
  return apps === undefined || apps.some((ref) => isApp(ref, app));
}

const listOf = (routes: NoticeFilter | readonly NoticeFilter[]): readonly NoticeFilter[] => (Array.isArray(routes) ? routes : [routes as NoticeFilter]);

function isApp(ref: string, app: App): boolean {
  const parts = parseAppRef(ref);
  return (
    parts !== undefined &&
    parts.name === app.name &&
    (parts.namespace === undefined || parts.namespace === app.namespace) &&
    (parts.cluster === undefined || parts.cluster === app.cluster)
  );
}

/** @throws ShepherdError ERR_INVALID_OPTIONS */
export function checkedNotifiers(notifiers: readonly Notifier[]): readonly Notifier[] {
  const names = new Set<string>();
  const issues = notifiers.flatMap((notifier, index) => {
    const path = `notifiers[${index}]`;
    const given = notifier as Partial<Notifier> | null | undefined;
    if (given?.specificationVersion !== 'v1')
      return [{ path, got: `specificationVersion ${shown(given?.specificationVersion)}`, expected: "a notifier with specificationVersion 'v1'" }];
    if (typeof given.send !== 'function') return [{ path: `${path}.send`, got: shown(given.send), expected: 'a function' }];
    if (typeof given.name !== 'string' || given.name === '') return [{ path: `${path}.name`, got: shown(given.name), expected: 'a name' }];
    // The outbox knows a channel by its name, in this process and the next.
    if (names.has(given.name)) return [{ path: `${path}.name`, got: shown(given.name), expected: 'a name that no other notifier has' }];
    names.add(given.name);
    if (given.wants === undefined) return [];
    const routes = listOf(given.wants);
    return routes.flatMap((route, at) => filterIssues(routes.length > 1 ? `${path}.wants[${at}]` : `${path}.wants`, route));
  });
  if (issues.length > 0) throw invalidOptions(issues);
  return notifiers;
}

function filterIssues(path: string, filter: NoticeFilter): { readonly path: string; readonly got: string; readonly expected: string }[] {
  const { minSeverity, types, apps, ...rest } = filter;
  return [
    ...(minSeverity === undefined || severities.includes(minSeverity)
      ? []
      : [{ path: `${path}.minSeverity`, got: shown(minSeverity), expected: `one of ${severities.join(', ')}` }]),
    ...(types === undefined || (Array.isArray(types) && types.every((type) => typeof type === 'string' && /^[a-z]\w*\.(?:\*|\w+)$/.test(type)))
      ? []
      : [{ path: `${path}.types`, got: shown(types), expected: 'types such as deploy.failed or incident.*' }]),
    ...(apps === undefined || (Array.isArray(apps) && apps.every((ref) => typeof ref === 'string' && parseAppRef(ref) !== undefined))
      ? []
      : [{ path: `${path}.apps`, got: shown(apps), expected: 'apps such as web, shop/web or eu/shop/web' }]),
    ...Object.keys(rest).map((key) => ({ path: `${path}.${key}`, got: 'an unknown field', expected: 'minSeverity, types or apps' })),
  ];
}
