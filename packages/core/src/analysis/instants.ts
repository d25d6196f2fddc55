const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
};

/** `2026-01-01T00:00:` */
const minuteLength = 17;

/** `Date.parse` for many times of a few minutes: what a poll has of each target. */
export class Instants {
  #minute = '';
  #minuteMs = 0;

  /** Milliseconds; NaN for what is no time. */
  parse(text: string): number {
    if (this.#minute !== '' && text.length === 24 && text.startsWith(this.#minute) && text[19] === '.' && text[23] === 'Z') {
      const seconds = 10 * digit(text, 17) + digit(text, 18);
      const ms = 100 * digit(text, 20) + 10 * digit(text, 21) + digit(text, 22);
      return seconds < 60 ? this.#minuteMs + 1_000 * seconds + ms : Number.NaN;
    }
    const ms = Date.parse(text);
    if (text.length === 24 && text[19] === '.' && text[23] === 'Z' && !Number.isNaN(ms) && !text.startsWith('24', 11)) {
      this.#minute = text.slice(0, minuteLength);
      this.#minuteMs = Math.floor(ms / 60_000) * 60_000;
    }
    return ms;
  }
}
