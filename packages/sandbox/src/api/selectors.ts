import type { Wire } from './json.js';
import { labelValueProblem } from './kinds/metadata.js';
import type { KubeObject } from './objects.js';
import { badRequest } from './status-error.js';

/** One condition of a label selector. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string>> | undefined;
type Token = string;

const META = /^(==|!=|=|!|\(|\)|,|<|>)/;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const token = META.exec(rest)?.[0] ?? /^[^\s=!(),<>]+/.exec(rest)?.[0] ?? rest[0] ?? '';
    found.push(token);
    rest = rest.slice(token.length).trimStart();
  }
  return found;
}

const isWord = (token: Token | undefined): token is string => token !== undefined && !META.test(token);

const unexpected = (token: Token | undefined, expected: string): Error => badRequest(`found '${token ?? ''}', expected: ${expected}`);

const unparsable = (token: Token | undefined, expected: string): Error =>
  badRequest(`unable to parse requirement: found '${token ?? ''}', expected: ${expected}`);

function valueList(queue: Token[]): string[] {
  const open = queue.shift();
  // the real server leaves the comma out here
  if (open !== '(') throw badRequest(`unable to parse requirement: found '${open ?? ''}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    const token = queue.shift();
    if (token === ')') return values.length === 0 ? [''] : values;
    if (isWord(token)) {
      values.push(token);
      if (queue[0] !== ',' && queue[0] !== ')') throw unparsable(queue[0], "',' or ')'");
    } else if (token !== ',') throw unparsable(token, "',', or identifier");
  }
}

function requirement(queue: Token[]): Requirement {
  if (queue[0] === '!') {
    queue.shift();
    const key = queue.shift();
    if (!isWord(key)) throw unparsable(key, 'identifier');
    return { key, operator: 'DoesNotExist', values: [] };
  }
  const key = queue.shift();
  if (!isWord(key)) throw unexpected(key, "!, identifier, or 'end of string'");
  if (queue.length === 0 || queue[0] === ',') return { key, operator: 'Exists', values: [] };
  const operator = queue.shift();
  if (operator === 'in' || operator === 'notin') return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: valueList(queue) };
  if (operator === '=' || operator === '==' || operator === '!=' || operator === '<' || operator === '>') {
    const value = queue.length === 0 || queue[0] === ',' ? '' : queue.shift();
    if (value !== '' && !isWord(value)) throw unparsable(value, 'identifier');
    const name = operator === '!=' ? 'NotIn' : operator === '<' ? 'Lt' : operator === '>' ? 'Gt' : 'In';
    return { key, operator: name, values: [value] };
  }
  throw unparsable(operator, 'in, notin, =, ==, !=, gt, lt');
}

/** @throws StatusError 400 for values that no label can have */
function checked(one: Requirement): Requirement {
  for (const [i, value] of one.values.entries()) {
    const problem = labelValueProblem(value);
    if (problem === undefined) continue;
    throw badRequest(`unable to parse requirement: values[${i}][${one.key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`);
  }
  return one;
}

/** A `labelSelector` of a query: `app=web,tier in (a,b),!canary`. @throws StatusError 400 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  const queue = tokens(text);
  const found: Requirement[] = [];
  while (queue.length > 0) {
    found.push(checked(requirement(queue)));
    if (queue.length === 0) break;
    const comma = queue.shift();
    if (comma !== ',') throw unexpected(comma, "',' or 'end of string'");
    if (queue.length === 0) throw unexpected('', "identifier after ','");
  }
  return found;
}

function matchesOne({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels?.[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

export const matchesLabels = (selector: readonly Requirement[], labels: Labels): boolean => selector.every((one) => matchesOne(one, labels));

/** The `LabelSelector` of a spec (matchLabels, matchExpressions). An empty one selects everything, a missing one nothing. */
export function matchesSelector(selector: Wire, labels: Labels): boolean {
  if (!selector) return false;
  const { matchLabels, matchExpressions } = selector;
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels?.[key] === value) &&
    (matchExpressions ?? []).every((one: Wire) => matchesOne({ key: one.key, operator: one.operator, values: one.values ?? [] }, labels))
  );
}

/** `LabelSelector` as the text of a query, keys sorted, as in `status.selector` of a Scale. */
export function formatSelector(selector: Wire): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`] as const);
  const sets = (selector?.matchExpressions ?? []).map((one: Wire) => [one.key, formatExpression(one)] as const);
  return [...equal, ...sets]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join(',');
}

function formatExpression({ key, operator, values }: Wire): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
};

/** A `fieldSelector` of a query, as a test of an object. @throws StatusError 400 for a field that the resource cannot select by */
export function parseFieldSelector(text: string, resource: string): (object: KubeObject) => boolean {
  const terms = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^(.*?)(==|!=|=)(.*)$/.exec(term);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = match;
      const known = ['metadata.name', 'metadata.namespace', ...(FIELDS[resource] ?? [])];
      if (!known.includes(field)) {
        const why = FIELDS[resource]
          ? `field label not supported: ${field}`
          : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
        throw badRequest(why);
      }
      return { path: field.split('.'), equal: operator !== '!=', value };
    });
  return (object) =>
    terms.every(({ path, equal, value }) => {
      const found = path.reduce<Wire>((at, field) => at?.[field], object);
      return (String(found ?? '') === value) === equal;
    });
}
