import { type Answer, jsonOf, lengthOf, listIn, type Service, startService } from './service.js';

/** An alert as PagerDuty keeps it: all events with one key join it as long as it is open. */
export interface PagerAlert {
  readonly kind: 'alert';
  readonly key: string;
  readonly component: string | undefined;
  summary: string;
  severity: string;
  status: 'triggered' | 'resolved';
  /** How many triggers joined it. */
  triggers: number;
}

/** A change, which wakes nobody. */
export interface PagerChange {
  readonly kind: 'change';
  readonly summary: string;
}

const severities = ['critical', 'error', 'warning', 'info'];
const invalid = (...errors: readonly string[]): Answer => ({ status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } });

/** PagerDuty's Events API v2 for every routing key of 32 characters. It refuses what breaks its rules and limits. */
export const startPagerDuty = (): Promise<Service<PagerAlert | PagerChange>> =>
  startService<PagerAlert | PagerChange>({
    refuses: invalid("'routing_key' is unknown"),
    take(asked, messages) {
      if (Buffer.byteLength(asked.body) > 512 * 1024) return { status: 413, body: 'too large' };
      const event = jsonOf(asked);
      if (event === undefined) return invalid('it is no JSON');
      const key = event['routing_key'];
      if (typeof key !== 'string' || !/^[0-9a-zA-Z]{32}$/.test(key)) return invalid("'routing_key' is invalid");
      const payload = (event['payload'] ?? {}) as Readonly<Record<string, unknown>>;
      const summary = lengthOf(payload['summary']);
      if (event['event_action'] !== 'resolve' && (summary < 1 || summary > 1_024)) return invalid("'payload.summary' is missing or too long");
      if (listIn(event['links']).some(({ href }) => typeof href !== 'string' || !URL.canParse(href))) return invalid("'links.href' is invalid");
      if (asked.path === '/v2/change/enqueue') {
        if (key.startsWith('R')) return invalid('change events are not supported');
        messages.push({ kind: 'change', summary: String(payload['summary']) });
        return { status: 202, body: { status: 'success', message: 'Change event processed' } };
      }
      return asked.path === '/v2/enqueue' ? alert(event, payload, messages) : { status: 404 };
    },
  });

function alert(event: Readonly<Record<string, unknown>>, payload: Readonly<Record<string, unknown>>, messages: (PagerAlert | PagerChange)[]): Answer {
  const { dedup_key: key = crypto.randomUUID(), event_action: action } = event;
  if (typeof key !== 'string' || lengthOf(key) > 255) return invalid("'dedup_key' is too long");
  const taken: Answer = { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
  const open = messages.find((each): each is PagerAlert => each.kind === 'alert' && each.key === key && each.status === 'triggered');
  if (action === 'resolve') {
    // Of one that is not open, nothing comes.
    if (open !== undefined) open.status = 'resolved';
    return taken;
  }
  if (action !== 'trigger' && action !== 'acknowledge') return invalid("'event_action' is invalid");
  const { source, severity, summary, component } = payload;
  if (typeof source !== 'string' || source === '') return invalid("'payload.source' is missing");
  if (typeof severity !== 'string' || !severities.includes(severity)) return invalid("'payload.severity' is invalid");
  if (action === 'acknowledge') return taken;
  if (open !== undefined) Object.assign(open, { triggers: open.triggers + 1, severity, summary: String(summary) });
  else
    messages.push({
      kind: 'alert',
      key,
      component: typeof component === 'string' ? component : undefined,
      summary: String(summary),
      severity,
      status: 'triggered',
      triggers: 1,
    });
  return taken;
}
