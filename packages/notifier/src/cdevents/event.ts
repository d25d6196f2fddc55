import { createHash } from 'node:crypto';
import type { Notice } from '@shepherd/core';
import { cut } from '../text/fit.js';
import { titleOf } from '../text/title.js';
import { artifactOf } from './artifact.js';

const specversion = '0.5.1';
const eventVersion = '0.3.0';

/** One event as it is sent: the attributes of CloudEvents 1.0 and its body. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly data: object;
}

/** The events of a notice, in the order in which they are sent, and what there is no event of. */
export interface Mapped {
  readonly events: readonly CloudEvent[];
  /** Why one is missing that the notice should have. */
  readonly missing?: string | undefined;
}

type RunOutcome = 'success' | 'failure' | 'cancel' | 'error';

/** How a run ended, by the last notice of a rollout; `rollback.succeeded` is a success only where going back was what was asked for. */
const ends: Readonly<Record<string, RunOutcome>> = {
  'deploy.succeeded': 'success',
  'deploy.failed': 'failure',
  'deploy.aborted': 'cancel',
  'deploy.superseded': 'cancel',
  'deploy.blocked': 'cancel',
  'rollback.succeeded': 'failure',
  'rollback.failed': 'error',
  'lock.lost': 'error',
};
const remedies = new Set(['restart', 'scale', 'evict']);

/** What a notice is in the vocabulary of CDEvents 0.5.1; what that has no word for is an event of our own (`dev.shepherd.deploy.paused.v1`). Pure. */
export function eventsOf(notice: Notice, environment = notice.metadata['environment'] ?? notice.app.namespace): Mapped {
  const { type, strategy } = notice;
  const rolledBack = strategy === 'rollback';
  if (type === 'incident.opened') return { events: [incident(notice, 'detected', environment)] };
  if (type === 'incident.resolved') return { events: [incident(notice, 'resolved', environment)] };
  if (type === 'deploy.started' || (type === 'rollback.started' && rolledBack)) return { events: [run(notice, 'started')] };
  const outcome = rolledBack && type === 'rollback.succeeded' ? 'success' : ends[type];
  if (outcome === undefined) return { events: [ownEvent(notice)] };
  const finished = run(notice, 'finished', { outcome, ...(outcome === 'success' ? {} : { errors: cut(notice.text || notice.title, 1_000) }) });
  const predicate = predicateOf(notice);
  if (predicate === undefined) return { events: [finished] };
  const version = predicate === 'rolledback' && !rolledBack ? notice.from : notice.to;
  const artifactId = artifactOf(version);
  if (artifactId === undefined)
    return { events: [finished], missing: `no service.${predicate}: ${version?.images[0] ?? 'the version'} is no image that has a package URL` };
  return { events: [service(notice, predicate, artifactId, environment), finished] };
}

function predicateOf({ type, strategy = '', from }: Notice): 'deployed' | 'upgraded' | 'rolledback' | undefined {
  if (remedies.has(strategy)) return undefined;
  if (type === 'deploy.succeeded') return from === undefined ? 'deployed' : 'upgraded';
  return type === 'rollback.succeeded' || type === 'deploy.aborted' ? 'rolledback' : undefined;
}

const sourceOf = ({ app: { cluster, namespace } }: Notice): string => `/shepherd/${encodeURIComponent(cluster)}/${encodeURIComponent(namespace)}`;
const serviceOf = ({ app: { namespace, name } }: Notice): string => `${namespace}/${name}`;

/** A rollout's id as a UUID (version 8): the same for all its events. */
export function chainOf(rolloutId: string): string {
  const bytes = createHash('sha256').update(rolloutId).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function event(notice: Notice, type: string, part: string, subject: { readonly id: string; readonly content: object }): CloudEvent {
  const context = {
    specversion,
    id: part === '' ? notice.id : `${notice.id}.${part}`,
    source: sourceOf(notice),
    type: `dev.cdevents.${type}.${eventVersion}`,
    timestamp: notice.at,
    chainId: chainOf(notice.rolloutId),
  };
  const { id, source, timestamp: time } = context;
  return {
    id,
    source,
    type: context.type,
    time,
    subject: subject.id,
    data: { context, subject: { ...subject, source }, customData: own(notice, part === '') },
  };
}

/** The schemas have no room for more; what people read stands in one of a notice's events alone. */
const own = ({ rolloutId, type, severity, strategy, by, title, text, facts, from, to, app }: Notice, whole: boolean): object => ({
  rolloutId,
  notice: type,
  ...(strategy === undefined ? {} : { strategy }),
  ...(whole ? { severity, by, title: titleOf({ title, type, app }), text: cut(text, 2_000), facts, from, to } : {}),
});

const run = (notice: Notice, predicate: 'started' | 'finished', more: object = {}): CloudEvent =>
  event(notice, `pipelinerun.${predicate}`, '', {
    id: notice.rolloutId,
    content: { pipelineName: `shepherd.${notice.strategy ?? 'rollout'}`, uri: notice.links[0]?.href ?? `urn:uuid:${chainOf(notice.rolloutId)}`, ...more },
  });

const service = (notice: Notice, predicate: string, artifactId: string, environment: string): CloudEvent =>
  event(notice, `service.${predicate}`, 'service', {
    id: serviceOf(notice),
    content: { environment: { id: environment, source: sourceOf(notice) }, artifactId },
  });

const incident = (notice: Notice, predicate: 'detected' | 'resolved', environment: string): CloudEvent =>
  event(notice, `incident.${predicate}`, '', {
    id: notice.rolloutId,
    content: {
      description: cut(notice.text || notice.title, 1_000),
      environment: { id: environment, source: sourceOf(notice) },
      service: { id: serviceOf(notice), source: sourceOf(notice) },
    },
  });

const ownEvent = (notice: Notice): CloudEvent => ({
  id: notice.id,
  source: sourceOf(notice),
  type: `dev.shepherd.${notice.type}.v1`,
  time: notice.at,
  subject: notice.rolloutId,
  data: notice,
});
