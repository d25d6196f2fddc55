import type { Incident } from '@shepherd/core/incidents';

const time = (at: string): string => at.replace(/\.\d+Z$/, 'Z');

/** An incident for people. */
export function incidentLines({ id, kind, reason, since, by, clocks, fired, cause, resolved }: Incident): readonly string[] {
  return [
    `${kind} since ${time(since)}, by ${by.name}: ${resolved === undefined ? 'open' : `resolved ${time(resolved.at)} by ${resolved.by.name}${resolved.reason === '' ? '' : `: ${resolved.reason}`}`}`,
    `  id      ${id}`,
    `  reason  ${reason}`,
    ...(cause === undefined ? [] : [`  cause   ${cause.text}`]),
    ...fired.map(({ rule, at }) => `  ${rule}      fired ${time(at)}`),
    ...clocks.map(({ rule, at }) => `  ${rule}      due ${time(at)}`),
  ];
}
