import { type Answer, jsonOf, lengthOf, listIn, type Service, startService } from './service.js';

/** A card as Teams shows it. */
export interface TeamsCard {
  readonly card: Readonly<Record<string, unknown>>;
}

/** A Workflow of Microsoft Teams at any path. It takes Adaptive Cards up to 1.4 and refuses more than 28 kB. */
export const startTeams = (): Promise<Service<TeamsCard>> =>
  startService<TeamsCard>({
    refuses: { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired' } } },
    take(asked, messages) {
      if (Buffer.byteLength(asked.body) > 28_000) return { status: 413, body: { error: { code: 'RequestEntityTooLarge' } } };
      const [attachment] = listIn(jsonOf(asked)?.['attachments']);
      const card = attachment?.['content'] as Readonly<Record<string, unknown>> | undefined;
      const isCard = attachment?.['contentType'] === 'application/vnd.microsoft.card.adaptive' && card?.['type'] === 'AdaptiveCard';
      // A flow takes what it cannot use, and fails afterwards, in its own history alone.
      if (isCard && Number(card['version']) <= 1.4 && listIn(card['body']).length > 0) messages.push({ card });
      return { status: 202 };
    },
  });

/** A message in a channel of Discord's. */
export interface DiscordMessage {
  readonly id: string;
  embeds: readonly Readonly<Record<string, unknown>>[];
  edits: number;
}

const invalidForm: Answer = { status: 400, body: { message: 'Invalid Form Body', code: 50_035 } };

/** A webhook of Discord's at `/api/webhooks/1/token`, with its limits, its edits and the headers by which it paces. */
export const startDiscord = (): Promise<Service<DiscordMessage>> => {
  let count = 0;
  return startService<DiscordMessage>({
    refuses: { status: 404, body: { message: 'Unknown Webhook', code: 10_015 } },
    limited: { status: 429, body: { message: 'You are being rate limited.', retry_after: 1.5, global: false } },
    take(asked, messages) {
      const [, edited] = /^\/api\/webhooks\/1\/token(?:\/messages\/(\d+))?$/.exec(asked.path) ?? [undefined, undefined];
      if (!asked.path.startsWith('/api/webhooks/1/token')) return { status: 404, body: { message: 'Unknown Webhook', code: 10_015 } };
      const said = jsonOf(asked);
      const embeds = listIn(said?.['embeds']);
      if (said === undefined || embeds.length === 0 || embeds.length > 10 || !embeds.every(isEmbed) || sizeOf(embeds) > 6_000) return invalidForm;
      const paced = { 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': String(4 - (count % 5)), 'x-ratelimit-reset-after': '0.3' };
      if (edited !== undefined) {
        const old = messages.find(({ id }) => id === edited);
        if (old === undefined) return { status: 404, body: { message: 'Unknown Message', code: 10_008 } };
        Object.assign(old, { embeds, edits: old.edits + 1 });
        return { status: 200, headers: paced, body: { id: edited } };
      }
      count += 1;
      const id = `1400000000000000${String(count).padStart(3, '0')}`;
      messages.push({ id, embeds, edits: 0 });
      return asked.query.get('wait') === 'true' ? { status: 200, headers: paced, body: { id } } : { status: 204, headers: paced };
    },
  });
};

const within = (value: unknown, longest: number): boolean => value === undefined || (lengthOf(value) >= 1 && lengthOf(value) <= longest);

function isEmbed({ title, description, fields }: Readonly<Record<string, unknown>>): boolean {
  const list = listIn(fields);
  return (
    within(title, 256) &&
    within(description, 4_096) &&
    list.length <= 25 &&
    list.every((each) => within(each['name'] ?? '', 256) && within(each['value'] ?? '', 1_024))
  );
}

const sizeOf = (embeds: readonly Readonly<Record<string, unknown>>[]): number =>
  embeds.reduce(
    (sum, { title, description, fields }) =>
      sum + lengthOf(title) + lengthOf(description) + listIn(fields).reduce((all, each) => all + lengthOf(each['name']) + lengthOf(each['value']), 0),
    0,
  );
