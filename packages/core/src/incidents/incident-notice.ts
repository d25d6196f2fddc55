import { clean } from '../notices/clean.js';
import type { NoticeContent } from '../notices/outbox.js';
import { formatApp } from '../words/app.js';
import { formatMs } from '../words/duration.js';
import { type EscalationRule, type Incident, type IncidentKind, rules } from './incident.js';
import type { Scene } from './transitions.js';

const names: Readonly<Record<IncidentKind, string>> = {
  outage: 'outage',
  degradation: 'degradation',
  'data-corruption': 'data corruption suspected',
  security: 'security incident',
  cluster: 'trouble with the whole cluster',
};

type Said = Pick<NoticeContent, 'type' | 'severity' | 'title' | 'text'> & { readonly terminal?: boolean; readonly rule?: EscalationRule };

function noticeOf({ id, sequence, kind, since, by, cause }: Incident, { app, now }: Pick<Scene, 'app' | 'now'>, said: Said): NoticeContent {
  const { rule, terminal = false, type, severity } = said;
  const facts = [
    ...(rule === undefined ? [] : [{ key: 'rule', value: `${rule}: ${rules[rule].says}` }]),
    { key: 'app', value: formatApp(app) },
    { key: 'incident', value: id },
    { key: 'kind', value: kind },
    { key: 'since', value: since },
    { key: 'for', value: formatMs(Math.max(0, now.getTime() - Date.parse(since))) },
    ...(cause === undefined ? [] : [{ key: 'cause', value: cause.text }]),
    { key: 'by', value: by.name },
  ];
  const { url } = by;
  return {
    rolloutId: id,
    sequence,
    type,
    severity,
    terminal,
    at: now.toISOString(),
    title: clean(`${app.name}: ${said.title}`, 150).replaceAll('\n', ' '),
    text: clean(said.text, 600),
    facts: facts.map(({ key, value }) => ({ key, value: clean(value, 200) })),
    links: url !== undefined && /^https?:\/\/[^\s@]+$/.test(url) ? [{ href: clean(url, 500), text: clean(by.name, 40) }] : [],
  };
}

export const openedNotice = (incident: Incident, scene: Scene): NoticeContent =>
  noticeOf(incident, scene, { type: 'incident.opened', severity: 'error', title: names[incident.kind], text: incident.reason });

export const ruleNotice = (incident: Incident, rule: EscalationRule, scene: Scene, goesBack: boolean): NoticeContent =>
  rule === 'D1'
    ? noticeOf(incident, scene, {
        type: 'rollback.recommended',
        severity: 'warning',
        title: rules.D1.says,
        text: `${incident.reason}\n${goesBack ? 'The watch goes back now.' : `shepherd rollback ${scene.app.name} --reason "Performance degradation"`}`,
        rule,
      })
    : noticeOf(incident, scene, { type: 'incident.escalated', severity: 'critical', title: `${rule}: ${rules[rule].says}`, text: incident.reason, rule });

export const causeNotice = (incident: Incident, scene: Scene): NoticeContent =>
  noticeOf(incident, scene, {
    type: 'incident.cause_known',
    severity: 'info',
    title: `${names[incident.kind]}: the cause is known`,
    text: incident.cause?.text ?? '',
  });

export const resolvedNotice = (incident: Incident, scene: Scene): NoticeContent =>
  noticeOf(incident, scene, {
    type: 'incident.resolved',
    severity: 'info',
    title: `${names[incident.kind]} is over`,
    text: incident.resolved?.reason ?? '',
    terminal: true,
  });
