import { hideSecrets } from '../words/secrets.js';

/** Escape sequences of terminals: colours, cursor moves, titles and links. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
// oxlint-disable-next-line no-control-regex
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])|\u009b[0-?]*[ -/]*[@-~]/g;
/** Controls but for the line break, and marks that turn the direction of a text or are not seen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Credentials that only a message to the outside must not have; a journal may hold a digest behind the word "key" (EC 1.2.4). */
const forms: readonly RegExp[] = [
  /\bwhs(?:ec|k)_[A-Za-z0-9+/=_-]{8,}/g,
  /(?<=\b[Bb]asic\s)[A-Za-z0-9+/]{12,}={0,2}/g,
  /(?<=\b(?:\w*_)?(?:key|token|secret|password)["']?\s*[:=]\s*["']?)[0-9a-f]{32,}/gi,
];

/** Foreign text as anything outside may carry it (a notice, a span): without credentials, control characters and escape sequences, at most `longest` characters. */
export function clean(text: string, longest: number): string {
  const plain = forms.reduce((line, form) => line.replace(form, '***'), hideSecrets(text.replace(escapes, '').replace(controls, '')));
  return cut(plain, longest);
}

/** At most this many characters, counted as code points; `…` stands for the rest. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const points = [...text];
  return points.length <= longest ? text : `${points.slice(0, longest - 1).join('')}…`;
}

/** Why a delivery failed, for the journal and for people: addresses are scheme and host alone, since the rest of a webhook's is a secret (EC 1.2.3). */
export const cleanWhy = (text: string): string => clean(text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@]*@)?([^\s/?#"')]+)[^\s"')]*/gi, '$1$2'), 200);
