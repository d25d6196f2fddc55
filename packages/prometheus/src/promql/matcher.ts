import { invalidOptions } from '@shepherd/core';
import { escapePattern, quote } from './quote.js';

/**
 * Which series: one condition on a label. Values are never text of a query; an empty one is refused, because it would match the series that lack the label.
 */
export type Matcher =
  | { readonly label: string; readonly op: '=' | '!='; readonly value: string }
  | { readonly label: string; readonly op: 'in' | 'not-in'; readonly values: readonly [string, ...string[]] };

/** What our own queries need beside that. `starts`: the value, or the value, a hyphen and more. */
export type AnyMatcher =
  | Matcher
  | { readonly label: string; readonly op: 'absent' | 'present' }
  | { readonly label: string; readonly op: 'starts'; readonly value: string };

const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** As OpenTelemetry has them where names are not translated: quoted, and known to Prometheus 3 alone (AN 1.6). */
const dottedLabel = /^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z0-9_]+)+$/;

/** A label's name as a query has it: plain, or quoted. */
export const labelText = (label: string): string => (plainLabel.test(label) ? label : quote(label));

const refuse = (label: string, got: string, expected: string): never => {
  throw invalidOptions([{ path: `matcher of ${label}`, got, expected }], 'correct the matcher; a series without the label cannot be asked for');
};

/** `pod=~"a\\.b|c"`. @throws ShepherdError ERR_INVALID_OPTIONS for what would match something else than it says */
export function renderMatcher(matcher: AnyMatcher): string {
  if (!plainLabel.test(matcher.label) && !dottedLabel.test(matcher.label))
    return refuse(JSON.stringify(matcher.label), 'a name that PromQL has not', `${plainLabel}, perhaps with dots`);
  const label = labelText(matcher.label);
  switch (matcher.op) {
    case 'absent':
      return `${label}=""`;
    case 'present':
      return `${label}!=""`;
    case 'starts':
      return `${label}=~${quote(`${escapePattern(filled(label, matcher.value))}(-.+)?`)}`;
    case '=':
    case '!=':
      return `${label}${matcher.op}${quote(filled(label, matcher.value))}`;
    case 'in':
    case 'not-in': {
      const values = matcher.values.map((value) => escapePattern(filled(label, value)));
      if (values.length === 0) return refuse(label, 'no values', 'at least one');
      return `${label}${matcher.op === 'in' ? '=~' : '!~'}${quote(values.join('|'))}`;
    }
    default:
      return refuse(label, JSON.stringify((matcher as { op: unknown }).op), '= != in not-in');
  }
}

const filled = (label: string, value: unknown): string =>
  typeof value === 'string' && value !== '' ? value : refuse(label, JSON.stringify(value) ?? 'nothing', 'text');

export const renderMatchers = (matchers: readonly AnyMatcher[]): string => matchers.map(renderMatcher).join(',');
