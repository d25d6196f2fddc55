import type { NoticeFilter } from '@shepherd/core';
import type { NotifySettings } from '../config/notify-settings.js';

/** What those get who are called: incidents and their end, a way back that failed, and whatever closes the alert of it. */
const escalated: readonly NoticeFilter[] = [{ types: ['incident.*', 'rollback.failed', 'rollback.recommended', 'deploy.succeeded'] }];

/** What a channel wants, by all routes of the config that name it; undefined: everything. Pure. */
export function wantsOf(name: string, { routes = [], escalation = [] }: NotifySettings, environment: string | undefined): readonly NoticeFilter[] | undefined {
  const own = routes.filter(({ channels }) => channels.includes(name));
  const called = escalation.includes(name);
  if (own.length === 0 && !called) return undefined;
  return [
    ...own
      .filter(({ environments }) => environments === undefined || (environment !== undefined && environments.includes(environment)))
      .map(
        ({ types, minSeverity, apps }): NoticeFilter => ({
          ...(types === undefined ? {} : { types }),
          ...(minSeverity === undefined ? {} : { minSeverity }),
          ...(apps === undefined ? {} : { apps }),
        }),
      ),
    ...(called ? escalated : []),
  ];
}
