/** Names whose value is a secret, whatever it looks like. */
const secretName = /(?:token|secret|passw(?:or)?d|passphrase|authorization|credential|api[-_]?key|assertion|client[-_]?key|cookie|session[-_]?id|otp|pin)/i;
const after = new RegExp(String.raw`((?:[\w-]*${secretName.source}[\w-]*)["']?\s*(?:[:=]|\bis\b)\s*["']?(?:bearer\s+|basic\s+)?)[^\s"',;]+`, 'gi');
const flag = new RegExp(String.raw`(--?[\w-]*${secretName.source}[\w-]*[ =])\S+`, 'gi');
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
const inAddress = /(:\/\/[^\s:/@]+:)[^\s@/]+(?=@)/g;
const pem = /-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g;
/** Long runs of letters and digits without a word in them: tokens, keys, hashes. */
const run = /[A-Za-z0-9_~+=.-]{20,}/g;
const looksRandom = (text: string): boolean =>
  /\d/.test(text) && /[A-Za-z]/.test(text) && text.split(/[.\-_]/).some((part) => part.length >= 16 && /\d/.test(part));

/** What another program said, fit to be shown: without what is a secret by name or by looks, and without `known`. Rather too little is shown than too much (law 6). */
export function redact(text: string, known: readonly string[] = []): string {
  const named = known.filter((each) => each.length >= 4).reduce((line, each) => line.replaceAll(each, '***'), text);
  return named
    .replace(pem, '***')
    .replace(inAddress, '$1***')
    .replace(flag, '$1***')
    .replace(after, '$1***')
    .replace(bearer, '$1 ***')
    .replace(run, (match) => (looksRandom(match) ? '***' : match));
}
