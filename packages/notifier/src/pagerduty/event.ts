import type { Notice } from '@shepherd/core';
import { bytesOf, cut, fitting } from '../text/fit.js';
import { titleOf } from '../text/title.js';
import { dedupKey } from './dedup.js';

const limits = { summary: 1_024, bytes: 500_000 } as const;

/** What a notice is to PagerDuty: a change that wakes nobody, an alert, the end of one, or nothing. */
export type PagerEvent = { readonly path: '/v2/enqueue' | '/v2/change/enqueue'; readonly body: Readonly<Record<string, unknown>> };

const changes = new Set(['deploy.started', 'deploy.succeeded']);
const triggers = new Set(['deploy.failed', 'rollback.failed', 'incident.opened', 'incident.escalated']);
const resolves = new Set(['deploy.succeeded', 'incident.resolved']);

/** The events of a notice, in the order in which they are sent; without the routing key. */
export function eventsOf(notice: Notice): readonly PagerEvent[] {
  const { type, app, metadata } = notice;
  // One alert an app: it stays as long as an incident of the app does.
  const over = resolves.has(type) && (metadata['openIncidents'] ?? '0') === '0';
  return [
    ...(over ? [{ path: '/v2/enqueue', body: { event_action: 'resolve', dedup_key: dedupKey(app) } } as const] : []),
    ...(triggers.has(type) ? [trigger(notice)] : []),
    ...(changes.has(type) ? [change(notice)] : []),
  ];
}

const linksOf = ({ links }: Notice): readonly object[] => links.map(({ href, text }) => ({ href, text: cut(text, 100) }));

const sourceOf = ({ app: { cluster, namespace } }: Notice): string => `${cluster}/${namespace}`;

const detailsOf = (notice: Notice, facts: number, text: number): object => ({
  ...Object.fromEntries(notice.facts.slice(0, facts).map(({ key, value }) => [key, value])),
  text: cut(notice.text, text),
  rollout: notice.rolloutId,
  notice: notice.id,
});

function trigger(notice: Notice): PagerEvent {
  const { app, severity, at, type } = notice;
  const body = fitting(
    notice,
    ({ facts, text }) => ({
      event_action: 'trigger',
      dedup_key: dedupKey(app),
      payload: {
        summary: cut(titleOf(notice), limits.summary),
        source: sourceOf(notice),
        severity,
        timestamp: at,
        component: app.name,
        group: notice.metadata['environment'] ?? app.namespace,
        class: type,
        custom_details: detailsOf(notice, facts, text),
      },
      links: linksOf(notice),
      client: 'Shepherd',
    }),
    (made) => bytesOf(made) <= limits.bytes,
  );
  return { path: '/v2/enqueue', body };
}

function change(notice: Notice): PagerEvent {
  const body = fitting(
    notice,
    ({ facts, text }) => ({
      payload: {
        summary: cut(titleOf(notice), limits.summary),
        source: sourceOf(notice),
        timestamp: notice.at,
        custom_details: detailsOf(notice, facts, text),
      },
      links: linksOf(notice),
    }),
    (made) => bytesOf(made) <= limits.bytes,
  );
  return { path: '/v2/change/enqueue', body };
}
