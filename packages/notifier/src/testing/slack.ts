import { type Answer, type Asked, jsonOf, lengthOf, listIn, type Service, startService } from './service.js';

/** A message in a channel of Slack's. */
export interface SlackMessage {
  /** Undefined: by an incoming webhook, which has one channel. */
  readonly channel: string | undefined;
  readonly ts: string;
  readonly threadTs: string | undefined;
  /** An answer in a thread that the channel sees too. */
  readonly broadcast: boolean;
  text: string;
  blocks: readonly unknown[];
  /** How often it was edited. */
  edits: number;
}

/** Where the webhook of `startSlack` is; the Web API is under `/api`. */
export const slackHookPath = '/services/T00000000/B00000000/webhook';

/**
 * Slack: an incoming webhook at `slackHookPath` and the Web API (`chat.postMessage`, `chat.update`) for the tokens `xoxb-…`. It refuses what breaks Slack's
 * published limits, by Slack's own words.
 */
export const startSlack = (): Promise<Service<SlackMessage>> => {
  let count = 0;
  return startService<SlackMessage>({
    refuses: { status: 200, body: { ok: false, error: 'channel_not_found' } },
    take(asked, messages) {
      if (asked.path === slackHookPath) return hook(asked, messages, () => ts(++count));
      if (asked.path.startsWith('/api/')) return api(asked, messages, () => ts(++count));
      return { status: 404, body: 'no_service' };
    },
  });
};

const ts = (count: number): string => `1767225600.${String(count).padStart(6, '0')}`;

function hook(asked: Asked, messages: SlackMessage[], next: () => string): Answer {
  const said = jsonOf(asked);
  const wrong = said === undefined ? 'invalid_payload' : wrongWith(said);
  if (said === undefined || wrong !== undefined) return { status: 400, body: wrong };
  messages.push({
    channel: undefined,
    ts: next(),
    threadTs: undefined,
    broadcast: false,
    text: String(said['text']),
    blocks: listIn(said['blocks']),
    edits: 0,
  });
  return { status: 200, body: 'ok' };
}

const failed = (error: string): Answer => ({ status: 200, body: { ok: false, error } });

function api(asked: Asked, messages: SlackMessage[], next: () => string): Answer {
  if (!/^Bearer xoxb-\S+$/.test(asked.headers.authorization ?? '')) return failed('invalid_auth');
  const said = jsonOf(asked);
  if (said === undefined) return failed('invalid_json');
  const wrong = wrongWith(said);
  if (wrong !== undefined) return failed(wrong);
  const { channel, text, thread_ts: thread, reply_broadcast: broadcast } = said;
  if (typeof channel !== 'string' || channel === '') return failed('channel_not_found');
  const blocks = listIn(said['blocks']);
  if (asked.path === '/api/chat.update') {
    const old = messages.find((each) => each.ts === said['ts'] && each.channel === channel);
    if (old === undefined) return failed('message_not_found');
    Object.assign(old, { text: String(text), blocks, edits: old.edits + 1 });
    return { status: 200, body: { ok: true, channel, ts: old.ts, text } };
  }
  if (asked.path !== '/api/chat.postMessage') return failed('unknown_method');
  // A name is answered with the id that it has.
  const id = channel.startsWith('#') ? `C${Buffer.from(channel).toString('hex').toUpperCase().slice(0, 20)}` : channel;
  if (thread !== undefined && !messages.some((each) => each.ts === thread && each.channel === id)) return failed('thread_not_found');
  const made = next();
  messages.push({
    channel: id,
    ts: made,
    threadTs: typeof thread === 'string' ? thread : undefined,
    broadcast: broadcast === true,
    text: String(text),
    blocks,
    edits: 0,
  });
  return { status: 200, body: { ok: true, channel: id, ts: made, message: { text } } };
}

/** Slack's word for what breaks its limits. */
function wrongWith({ text, blocks = [] }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return 'no_text';
  if (lengthOf(text) > 40_000) return 'msg_too_long';
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks';
  if (JSON.stringify(blocks).length > 13_200) return 'msg_blocks_too_long';
  return listIn(blocks).every(isBlock) ? undefined : 'invalid_blocks';
}

const textIn = (value: unknown): number => lengthOf((value as { readonly text?: unknown } | undefined)?.text);

function isBlock(block: Readonly<Record<string, unknown>>): boolean {
  switch (block['type']) {
    case 'header':
      return textIn(block['text']) >= 1 && textIn(block['text']) <= 150;
    case 'section': {
      const fields = listIn(block['fields']);
      const said = textIn(block['text']);
      if (block['fields'] !== undefined && (fields.length === 0 || fields.length > 10 || fields.some((each) => textIn({ text: each['text'] }) > 2_000)))
        return false;
      return block['text'] === undefined ? fields.length > 0 : said >= 1 && said <= 3_000;
    }
    case 'context':
      return listIn(block['elements']).length >= 1 && listIn(block['elements']).length <= 10;
    default:
      return false;
  }
}
