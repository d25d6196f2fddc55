import type { Wire } from '../json.js';
import type { ResourceInfo } from '../resources.js';
import type { StatusCause } from '../status-error.js';
import { forbiddenField, invalidValue, required } from './causes.js';

const NAME_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Why a name is no DNS label (RFC 1123), if it is none. */
export const labelProblem = (name: string): string | undefined =>
  name.length > 63 ? 'must be no more than 63 characters' : DNS_LABEL.test(name) ? undefined : LABEL_TEXT;

/** Why a name is no DNS subdomain, if it is none. */
export const subdomainProblem = (name: string): string | undefined =>
  name.length > 253 ? 'must be no more than 253 characters' : SUBDOMAIN.test(name) ? undefined : SUBDOMAIN_TEXT;

/** Why a text is no IPv4 address, if it is none. */
export const ipProblem = (text: string): string | undefined =>
  /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text) ? undefined : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** Why a text cannot be the value of a label, if it cannot. */
export const labelValueProblem = (value: string): string | undefined =>
  value.length > 63 ? 'must be no more than 63 characters' : value === '' || NAME_PART.test(value) ? undefined : VALUE_TEXT;

/** Why a text cannot be the key of a label or an annotation, if it cannot. */
export function labelKeyProblem(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) return `a qualified ${KEY_TEXT.replace('name part', 'name')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  if (parts.length === 2 && subdomainProblem(parts[0] ?? '') !== undefined) return `prefix part ${SUBDOMAIN_TEXT}`;
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 characters';
  return NAME_PART.test(name) ? undefined : KEY_TEXT;
}

/** @param field e.g. `metadata.labels` */
export function validateLabels(labels: Wire, field: string): StatusCause[] {
  return Object.entries<Wire>(labels ?? {}).flatMap(([key, value]) => {
    const wrongKey = labelKeyProblem(key);
    const wrongValue = labelValueProblem(String(value));
    return [...(wrongKey ? [invalidValue(field, key, wrongKey)] : []), ...(wrongValue ? [invalidValue(field, value, wrongValue)] : [])];
  });
}

/** Roles may be called anything that can stand in an address. */
const pathSegmentProblem = (name: string): string | undefined =>
  name === '.' || name === '..' ? `may not be '${name}'` : name.includes('/') ? "may not contain '/'" : name.includes('%') ? "may not contain '%'" : undefined;

function nameProblem(info: ResourceInfo, name: string): string | undefined {
  if (info.group === 'rbac.authorization.k8s.io') return pathSegmentProblem(name);
  if (info.group === '' && info.plural === 'services') {
    return name.length > 63 ? 'must be no more than 63 characters' : DNS_LABEL_1035.test(name) ? undefined : LABEL_1035_TEXT;
  }
  if (info.group !== '' || info.plural !== 'namespaces') return subdomainProblem(name);
  return name.includes('.') ? 'must not contain dots' : labelProblem(name);
}

/** Name, labels, annotations: the same for every kind. */
export function validateMetadata(info: ResourceInfo, draft: Wire): StatusCause[] {
  const { metadata } = draft;
  const causes: StatusCause[] = [];
  const wrongPrefix = metadata.generateName && nameProblem(info, metadata.generateName.replace(/-$/, 'a'));
  if (wrongPrefix) causes.push(invalidValue('metadata.generateName', metadata.generateName, wrongPrefix));
  if (!metadata.name) causes.push(required('metadata.name', 'name or generateName is required'));
  else {
    const problem = nameProblem(info, metadata.name);
    if (problem) causes.push(invalidValue('metadata.name', metadata.name, problem));
  }
  causes.push(...validateLabels(metadata.labels, 'metadata.labels'));
  let size = 0;
  for (const [key, value] of Object.entries<Wire>(metadata.annotations ?? {})) {
    const problem = labelKeyProblem(key.toLowerCase());
    if (problem) causes.push(invalidValue('metadata.annotations', key, problem));
    size += key.length + String(value).length;
  }
  if (size > 262144) causes.push({ reason: 'FieldValueTooLong', field: 'metadata.annotations', message: 'Too long: may not be more than 262144 bytes' });
  return [...causes, ...validateFinalizers(metadata.finalizers ?? [])];
}

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateFinalizers(finalizers: readonly string[]): StatusCause[] {
  return finalizers.flatMap((name, i) => {
    const field = `metadata.finalizers[${i}]`;
    const problem = labelKeyProblem(name);
    if (problem) return [invalidValue(field, name, problem)];
    const isKnown = name.includes('/') || STANDARD_FINALIZERS.includes(name);
    return isKnown ? [] : [invalidValue(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
  });
}

/** What must not change about an object, whatever its kind. */
export function validateMetadataUpdate(draft: Wire, previous: Wire): StatusCause[] {
  if (!previous.metadata.deletionTimestamp) return [];
  const before: readonly string[] = previous.metadata.finalizers ?? [];
  const fresh = (draft.metadata.finalizers ?? []).filter((name: string) => !before.includes(name));
  if (fresh.length === 0) return [];
  const shown = `[]string{${fresh.map((name: string) => JSON.stringify(name)).join(', ')}}`;
  return [forbiddenField('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`)];
}
