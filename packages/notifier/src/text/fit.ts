/** At most this many UTF-16 units, which no service counts a text as longer than; `…` stands for the rest, and no character is cut in two. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = Math.max(0, longest - 1);
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}

/** Text escaped for a target and at most this long after that: cut before it is escaped, so that no escape is cut in two. */
export function cutEscaped(text: string, longest: number, escape: (text: string) => string): string {
  const whole = escape(text);
  if (whole.length <= longest) return whole;
  let [low, high] = [1, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (escape(cut(text, middle)).length <= longest) low = middle;
    else high = middle - 1;
  }
  return escape(cut(text, low));
}

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** What something is made of, with less and less of it until it fits: facts go from the end, then the text is cut. Title and links stay. */
export function fitting<T>(
  notice: { readonly text: string; readonly facts: readonly unknown[] },
  make: (limits: { readonly facts: number; readonly text: number }) => T,
  fits: (made: T) => boolean,
): T {
  let facts = notice.facts.length;
  let text = notice.text.length;
  for (;;) {
    const made = make({ facts, text });
    if (fits(made) || (facts === 0 && text <= 1)) return made;
    if (facts > 0) facts -= 1;
    else text = Math.floor(text / 2);
  }
}
