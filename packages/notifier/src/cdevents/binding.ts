import type { CloudEvent } from './event.js';

/** Visible ASCII but for `"` and `%` as it is, the rest percent-encoded (HTTP binding of CloudEvents 1.0, section 3.1.3.2). */
const headerValue = (text: string): string =>
  [...text]
    .map((character) =>
      /^[!#$&-~]$/.test(character) ? character : [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    )
    .join('');

/** An event as a request: `binary` has its attributes in headers and its data as the body, `structured` all in one JSON. Pure. */
export function bound(event: CloudEvent, mode: 'binary' | 'structured'): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const { data, ...attributes } = event;
  if (mode === 'structured')
    return {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: JSON.stringify({ specversion: '1.0', ...attributes, datacontenttype: 'application/json', data }),
    };
  const headers = Object.fromEntries(Object.entries({ specversion: '1.0', ...attributes }).map(([name, value]) => [`ce-${name}`, headerValue(value)]));
  return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(data) };
}
