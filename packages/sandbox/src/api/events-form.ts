import type { Wire } from './json.js';
import { invalidValue, required } from './kinds/causes.js';
import type { StatusCause } from './status-error.js';

/** What a field of a core Event is called in events.k8s.io/v1. */
const newNames: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
};
const coreNames: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(newNames).map(([core, fresh]) => [fresh, core]));

const renamed = (object: Wire, names: Readonly<Record<string, string>>): Wire =>
  Object.fromEntries(Object.entries(object as Record<string, Wire>).map(([key, value]) => [names[key] ?? key, value]));

/** An Event, or a patch of one, as it is stored. Pure. */
export const coreFormOf = (event: Wire): Wire => ({ ...renamed(event, coreNames), ...(event.apiVersion === undefined ? {} : { apiVersion: 'v1' }) });

/** A stored Event as events.k8s.io/v1 shows it. Pure. */
export const newFormOf = (event: Wire): Wire => ({
  ...renamed(event, newNames),
  ...(event.apiVersion === undefined ? {} : { apiVersion: 'events.k8s.io/v1' }),
});

const longest = { name: 128, note: 1_024 } as const;
const qualifiedName = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** What this version asks of a new Event and core's does not. Pure. */
export function newEventCauses(event: Wire): readonly StatusCause[] {
  const { eventTime, reportingController: controller, reportingInstance, action, reason, note, type, metadata, regarding } = event;
  const named = (field: string, value: unknown): readonly StatusCause[] => {
    if (typeof value !== 'string' || value === '') return [required(field)];
    return value.length > longest.name ? [invalidValue(field, '', `can have at most ${longest.name} characters`)] : [];
  };
  const unset = ['deprecatedSource', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'deprecatedCount'].filter((field) => Boolean(event[field]));
  return [
    ...(eventTime ? [] : [required('eventTime')]),
    ...(typeof controller === 'string' && controller !== ''
      ? qualifiedName.test(controller)
        ? []
        : [invalidValue('reportingController', controller, "name part must consist of alphanumeric characters, '-', '_' or '.'")]
      : [required('reportingController')]),
    ...named('reportingInstance', reportingInstance),
    ...named('action', action),
    ...named('reason', reason),
    ...(String(note ?? '').length > longest.note ? [invalidValue('message', '', `can have at most ${longest.note} characters`)] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalidValue('type', '', `has invalid value: ${type ?? ''}`)]),
    ...(regarding?.namespace && regarding.namespace !== metadata?.namespace
      ? [invalidValue('involvedObject.namespace', regarding.namespace, 'does not match event.namespace')]
      : []),
    ...unset.map((field) => invalidValue(field, '', 'needs to be unset')),
  ];
}
