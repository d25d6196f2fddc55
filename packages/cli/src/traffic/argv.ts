import { secretIssues } from '@shepherd/core';

/** Flags whose value is a secret, whatever it looks like. */
const secretFlag = /^--?[\w-]*(?:token|secret|passw(?:or)?d|passphrase|credential|api-?key|private-?key|client-?key|assertion|otp|pin)[\w-]*$/i;
/** Values of charts, of which any may be a secret. */
const setFlag = /^--set(?:-\w+)?$/;
/** Long, and nothing that a person would write: letters of both sizes and digits, or digits and letters without a break. */
const looksRandom = (text: string): boolean =>
  (text.match(/[\w~+=.-]{20,}/g) ?? []).some(
    (run) => [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(run)) || /(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{24,}/i.test(run),
  );

const shown = (text: string): string => (secretIssues('', text).length > 0 || looksRandom(text) ? '***' : text.replace(/(:\/\/)[^\s/@]+@/, '$1***@'));
const value = (flag: string, text: string): string => {
  if (secretFlag.test(flag)) return '***';
  return setFlag.test(flag) ? text.replace(/=[\s\S]*$/, '=***') : shown(text);
};
const quoted = (text: string): string => (/^[\w./:=@,*+%-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** The command line of a child as a person may see it: what is or may be a secret is `***`. Rather too little is shown than too much. Pure. */
export function shownArgv(argv: readonly string[]): string {
  const [command = '', ...rest] = argv;
  const words = rest.map((word, index) => {
    const at = word.startsWith('-') ? word.indexOf('=') : -1;
    if (at > 0) return `${word.slice(0, at)}=${value(word.slice(0, at), word.slice(at + 1))}`;
    return word.startsWith('-') ? word : value(rest[index - 1] ?? '', word);
  });
  return [command.split(/[/\\]/).at(-1) ?? '', ...words].map(quoted).join(' ');
}
