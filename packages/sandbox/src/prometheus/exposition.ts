import { parseNumber } from './number.js';

/** One line of a scrape: `series` is its text before the value. */
export interface Exposed {
  readonly series: string;
  readonly value: number;
}

const name = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
/** A label, or a name in quotes that stands alone: the metric's (Prometheus 3). */
const label = /\s*(?:([a-zA-Z_]\w*)|"((?:[^"\\\n]|\\.)*)")\s*(?:=\s*"((?:[^"\\\n]|\\.)*)"\s*)?,?/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/** The text format of Prometheus; time stamps of its own are left out. @throws SyntaxError with the line that is none */
export function parseExposition(text: string): readonly Exposed[] {
  const lines: Exposed[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    // A label's value may hold a brace or a space; after the last brace there is none.
    const brace = line.lastIndexOf('}') + 1;
    const end = brace > 0 ? brace : line.indexOf(' ');
    const [number = ''] = line.slice(end).trim().split(/\s+/);
    const value = parseNumber(number);
    if (end <= 0 || value === undefined) throw new SyntaxError(`no value: ${line}`);
    lines.push({ series: line.slice(0, end).trimEnd(), value });
  }
  return lines;
}

const unescape = (text: string): string => text.replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char);

/** The labels of a series as a scrape writes them: `up`, `up{job="x"}`, `{"a.b","c.d"="x"}`. @throws SyntaxError for what is none */
export function parseSeries(series: string): Readonly<Record<string, string>> {
  name.lastIndex = 0;
  const metric = name.exec(series)?.[0] ?? '';
  const labels: Record<string, string> = metric === '' ? {} : { __name__: metric };
  let at = metric.length;
  if (series[at] === '{') {
    at += 1;
    for (label.lastIndex = at; ; at = label.lastIndex) {
      const found = label.exec(series);
      if (found === null) break;
      const [, plain, quoted, value] = found;
      if (value !== undefined) labels[plain ?? unescape(quoted ?? '')] = unescape(value);
      else if (quoted !== undefined && labels['__name__'] === undefined) labels['__name__'] = unescape(quoted);
      else throw new SyntaxError(`labels that are none: ${series}`);
    }
    if (series.slice(at).trim() !== '}') throw new SyntaxError(`labels that are none: ${series}`);
  } else if (at < series.length) throw new SyntaxError(`a name that is none: ${series}`);
  if (labels['__name__'] === undefined) throw new SyntaxError(`no metric name: ${series}`);
  return labels;
}
