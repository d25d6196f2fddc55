type Rules = Readonly<Record<string, Field>>;
/** What a field must be, and whether it must be there. */
type Field = { readonly required: boolean } & (
  | { readonly is: 'text' | 'uri' | 'uri-reference' | 'date-time' }
  | { readonly one: readonly string[] }
  | { readonly fields: Rules }
  | { readonly is: 'anything' }
);

const must = (is: 'text' | 'uri' | 'uri-reference' | 'date-time'): Field => ({ required: true, is });
const may = (is: 'text' | 'uri' | 'uri-reference' | 'date-time' | 'anything'): Field => ({ required: false, is });
const group = (required: boolean, fields: Rules): Field => ({ required, fields });

const named: Rules = { id: must('text'), source: may('uri-reference') };
const incident: Rules = { description: may('text'), environment: group(true, named), service: group(false, named), artifactId: may('text') };
const service: Rules = { environment: group(true, named), artifactId: must('text') };

/** `subject.content` by type, as CDEvents 0.5.1 publishes the fields; event version 0.3.0. */
const contents: Readonly<Record<string, Rules>> = {
  'service.deployed': service,
  'service.upgraded': service,
  'service.rolledback': service,
  'service.removed': { environment: group(true, named) },
  'service.published': { environment: group(true, named) },
  'incident.detected': incident,
  'incident.resolved': incident,
  'incident.reported': { ...incident, ticketURI: must('uri') },
  'pipelinerun.queued': { pipelineName: may('text'), uri: may('uri') },
  'pipelinerun.started': { pipelineName: must('text'), uri: must('uri') },
  'pipelinerun.finished': {
    pipelineName: may('text'),
    uri: may('uri'),
    outcome: { required: false, one: ['success', 'failure', 'cancel', 'error'] },
    errors: may('text'),
  },
};

const eventRules = (type: string, content: Rules): Rules => ({
  context: group(true, {
    specversion: { required: true, one: ['0.5.1'] },
    id: must('text'),
    source: must('uri-reference'),
    type: { required: true, one: [`dev.cdevents.${type}.0.3.0`] },
    timestamp: must('date-time'),
    schemaUri: may('uri'),
    chainId: may('text'),
    links: may('anything'),
  }),
  subject: group(true, { ...named, content: group(true, content) }),
  customData: may('anything'),
  customDataContentType: may('text'),
});

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const isReference = (text: string): boolean => URL.canParse(text, 'http://base.invalid') && !/[\s<>"{}|\\^`]/.test(text);

function fieldIssues(rules: Rules, value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).flatMap((key) => (key in rules ? [] : [`${path}.${key} is no field of it`]));
  const wrong = Object.entries(rules).flatMap(([key, rule]) => {
    const at = `${path}.${key}`;
    if (given[key] === undefined) return rule.required ? [`${at} is missing`] : [];
    if ('fields' in rule) return fieldIssues(rule.fields, given[key], at);
    if ('is' in rule && rule.is === 'anything') return [];
    const text = given[key];
    if (typeof text !== 'string' || text === '') return [`${at} is no text`];
    if ('one' in rule) return rule.one.includes(text) ? [] : [`${at} is ${text}, not ${rule.one.join(' or ')}`];
    if (rule.is === 'date-time') return dateTime.test(text) ? [] : [`${at} is no time of RFC 3339`];
    if (rule.is === 'uri') return URL.canParse(text) ? [] : [`${at} is no URI`];
    if (rule.is === 'uri-reference') return isReference(text) ? [] : [`${at} is no reference`];
    return [];
  });
  return [...unknown, ...wrong];
}

/** What is wrong with a CDEvent by the published rules for its fields; nothing more than they name is allowed beside `customData`. */
export function cdEventIssues(event: unknown): readonly string[] {
  const full = (event as { readonly context?: { readonly type?: unknown } } | null)?.context?.type;
  const type = /^dev\.cdevents\.(\w+\.\w+)\.\d/.exec(String(full))?.[1];
  const content = contents[type ?? ''];
  return type === undefined || content === undefined
    ? [`context.type ${String(full)} is none that is known`]
    : fieldIssues(eventRules(type, content), event, 'event');
}
