import { type parseBody, shorten } from './answer.js';
import { ApiError } from './api-error.js';

/** A rule that alerts. `error`: why it could not be evaluated the last time. */
export interface Rule {
  readonly name: string;
  readonly query: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly error?: string | undefined;
}

type Body = Readonly<Record<string, unknown>>;
const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Those of all groups that alert; others record. @throws ApiError for anything but groups of rules */
export function alertRulesOf({ data }: ReturnType<typeof parseBody>): readonly Rule[] {
  const groups = isBody(data) ? data['groups'] : undefined;
  if (!Array.isArray(groups)) throw new ApiError('not-prometheus', 'answered something else than groups of rules');
  return groups.flatMap((group) => (isBody(group) && Array.isArray(group['rules']) ? group['rules'] : [])).flatMap(ruleOf);
}

function ruleOf(rule: unknown): readonly Rule[] {
  if (!isBody(rule) || rule['type'] !== 'alerting') return [];
  const { name, query, labels, health, lastError } = rule;
  const texts = isBody(labels) ? Object.entries(labels).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])) : [];
  const broken = health === 'err' ? { error: shorten(String(lastError ?? 'no reason')) } : {};
  return [{ name: String(name ?? 'one without a name'), query: String(query ?? ''), labels: Object.fromEntries(texts), ...broken }];
}

/** Whether a rule speaks of one of these: a matcher or a label has it as its value, among others (`a|b`) or before what varies (`a-.*`). Pure. */
export function speaksOf({ query, labels }: Rule, values: readonly string[]): boolean {
  const matched = [...query.matchAll(/(?<!!)=~?\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/g)].map(([, text = '']) => text.slice(1, -1));
  const said = [...matched, ...Object.values(labels)].flatMap((text) => text.split(/[|()]/));
  return said.some((each) => values.includes(each.replace(/-?\.[*+]$/, '')));
}
