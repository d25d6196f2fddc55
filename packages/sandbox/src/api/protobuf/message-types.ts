import source from './protobuf-1.34.json' with { type: 'json' };

export interface MessageField {
  /** Letters as in `scripts/make-protobuf.mjs`: `s`, `@core.v1.Container`, `[s`, `{q`. */
  readonly type: string;
  readonly name: string;
  /** Left out of JSON where it is zero, as Go does. */
  readonly omitsZero: boolean;
  /** The fields of the message stand in JSON beside those of its parent. */
  readonly inline: boolean;
}

const messages = source.messages as Readonly<Record<string, string>>;
const kinds = source.kinds as Readonly<Record<string, string>>;
const parsed = new Map<string, ReadonlyMap<number, MessageField>>();

/** The message of a kind that typed clients send; undefined for others. */
export const messageOfKind = (kind: string): string | undefined => kinds[kind];

/** The fields of a message by number. */
export function messageFields(name: string): ReadonlyMap<number, MessageField> {
  let fields = parsed.get(name);
  if (!fields) {
    const texts = (messages[name] ?? '').split(';').filter((text) => text !== '');
    fields = new Map(texts.map(fieldOf));
    parsed.set(name, fields);
  }
  return fields;
}

function fieldOf(text: string): [number, MessageField] {
  const [number, type = '', name = ''] = text.split(' ');
  const inline = type.endsWith('^');
  const omitsZero = type.endsWith('?');
  return [Number(number), { type: inline || omitsZero ? type.slice(0, -1) : type, name, omitsZero, inline }];
}
