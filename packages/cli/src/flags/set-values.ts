type Values = { [name: string]: Value };
type Value = string | number | boolean | null | readonly Value[] | Values;

/** Parts between separators; a backslash takes a separator's meaning away, and so do braces. */
function split(text: string, separator: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] as string;
    if (char === '\\' && i + 1 < text.length) {
      parts[parts.length - 1] += char + text[i + 1];
      i += 1;
      continue;
    }
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (char === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

const plain = (text: string): string => text.replaceAll(/\\(.)/g, '$1');

/** As helm reads `--set`: numbers, true, false and null are what they look like. */
function typed(text: string): Value {
  if (/^\{.*\}$/s.test(text)) return text === '{}' ? [] : split(text.slice(1, -1), ',').map(typed);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : plain(text);
}

/** `image.tag=1.3.0,replicas=3` as values of a chart; undefined for what is no such list. Items of lists by number (`a[0]=x`) belong into a file. Pure. */
export function setValues(text: string): Values | undefined {
  const values: Values = {};
  for (const pair of split(text, ',')) {
    const at = /(?<!\\)=/.exec(pair)?.index ?? -1;
    const path = split(pair.slice(0, Math.max(at, 0)), '.').map(plain);
    if (at < 1 || path.some((key) => key === '' || key === '__proto__' || /[[\]]/.test(key))) return undefined;
    let into = values;
    for (const key of path.slice(0, -1)) {
      const next = into[key];
      into = into[key] = typeof next === 'object' && next !== null && !Array.isArray(next) ? (next as Values) : {};
    }
    into[path.at(-1) as string] = typed(pair.slice(at + 1));
  }
  return values;
}
