import type { Finding } from '@shepherd/core';
import type { NotifySettings } from '../config/notify-settings.js';

/** Production where nobody is called (GC L7). */
export function escalationFindings(environment: string | undefined, notify: NotifySettings | undefined): readonly Finding[] {
  if (environment === undefined || !/^prod/i.test(environment) || notify?.escalation !== undefined) return [];
  return [
    {
      id: 'escalation-missing',
      level: 'warning',
      object: `environment ${environment}`,
      message: 'nobody is called about an outage, a rollback that failed or a security incident',
      fix: 'name the channels of senior engineering or on-call: notify.escalation in shepherd.config',
      path: 'notify.escalation',
    },
  ];
}
