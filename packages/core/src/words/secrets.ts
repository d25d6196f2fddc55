import type { Issue } from '../errors/error-facts.js';

/** Credentials that show by their form alone; names such as PASSWORD prove nothing. */
const forms: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/g],
  ['a GitLab token', /\bglpat-[\w-]{20,}/g],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/g],
  ['a Slack token', /\bxox[abeoprs]-[\w-]{10,}/g],
  ['a webhook address', /https:\/\/hooks\.slack\.com\/services\/[\w/]+|https:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/[\w/-]+/g],
  ['an AWS key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ['a Google API key', /\bAIza[\w-]{35}/g],
  ['a Stripe key', /\b[rs]k_live_\w{16,}/g],
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g],
  ['a password in an address', /(?<=:\/\/[^\s:/@]+:)[^\s@/*][^\s@/]*(?=@)/g],
  ['a bearer token', /(?<=\bBearer\s)[\w.~+/=-]{16,}/gi],
];

/** The text with what is a credential by its form replaced by `***`. */
export const hideSecrets = (text: string): string => forms.reduce((line, [, form]) => line.replace(form, '***'), text);

/** A JSON value, with the credentials in its texts hidden. */
export function withoutSecrets<T>(value: T): T {
  if (typeof value === 'string') return hideSecrets(value) as T;
  if (Array.isArray(value)) return value.map(withoutSecrets) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each)])) as T;
}

/** Where a value holds credentials: the journal would keep them and everybody who may read it would see them (law 6). Never shows one. */
export function secretIssues(path: string, value: unknown): readonly Issue[] {
  if (typeof value === 'string') {
    const found = forms.find(([, form]) => value.search(form) >= 0);
    return found === undefined
      ? []
      : [{ path, got: `what looks like ${found[0]}`, expected: 'a reference to a Secret, since the journal keeps what a request holds' }];
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => secretIssues(`${path}[${index}]`, each));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => secretIssues(`${path}.${key}`, each));
}
