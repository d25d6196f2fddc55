import { cdEventIssues } from './cdevents-rules.js';
import { type Answer, type Asked, jsonOf, type Service, startService } from './service.js';

/** A CloudEvent as its receiver keeps it: each `source` and `id` once. */
export interface ReceivedCloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string | undefined;
  readonly data: unknown;
  /** How it came. */
  readonly mode: 'binary' | 'structured';
  /** How often. */
  times: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Both forms of CloudEvents 1.0 over HTTP. */
function received(asked: Asked): { readonly mode: 'binary' | 'structured'; readonly attributes: Attributes; readonly data: unknown } {
  const body = jsonOf(asked);
  if (String(asked.headers['content-type']).startsWith('application/cloudevents+json')) {
    const { data, ...attributes } = body ?? {};
    return { mode: 'structured', attributes, data };
  }
  const headers = Object.entries(asked.headers).filter(([name]) => name.startsWith('ce-'));
  return { mode: 'binary', attributes: Object.fromEntries(headers.map(([name, value]) => [name.slice(3), decodeURIComponent(String(value))])), data: body };
}

function issuesOf(attributes: Attributes, data: unknown): readonly string[] {
  const needed = ['id', 'source', 'type', 'time'].flatMap((name) =>
    typeof attributes[name] === 'string' && attributes[name] !== '' ? [] : [`${name} is missing`],
  );
  if (attributes['specversion'] !== '1.0') return ['specversion is not 1.0', ...needed];
  if (data === undefined) return ['no data', ...needed];
  if (!String(attributes['type']).startsWith('dev.cdevents.')) return needed;
  const { context, subject } = data as { readonly context?: Attributes; readonly subject?: Attributes };
  const differs = Object.entries({
    id: context?.['id'],
    source: context?.['source'],
    type: context?.['type'],
    time: context?.['timestamp'],
    subject: subject?.['id'],
  }).flatMap(([name, value]) => (attributes[name] === value ? [] : [`${name} is not that of the event`]));
  return [...needed, ...differs, ...cdEventIssues(data)];
}

/** A receiver of CloudEvents at any path, which refuses a CDEvent that breaks the published rules for its fields. */
export const startCdEvents = (): Promise<Service<ReceivedCloudEvent>> =>
  startService<ReceivedCloudEvent>({
    refuses: { status: 401 },
    take(asked, messages): Answer {
      const { mode, attributes, data } = received(asked);
      const issues = issuesOf(attributes, data);
      if (issues.length > 0) return { status: 400, body: { issues } };
      const { id, source, type, time, subject } = attributes as Readonly<Record<string, string>>;
      const known = messages.find((each) => each.id === id && each.source === source);
      if (known !== undefined) known.times += 1;
      else messages.push({ id: id ?? '', source: source ?? '', type: type ?? '', time: time ?? '', subject, data, mode, times: 1 });
      return { status: 202 };
    },
  });
