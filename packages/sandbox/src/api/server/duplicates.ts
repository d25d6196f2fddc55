const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

interface Level {
  readonly path: string;
  /** Those seen so far; a list has none. */
  readonly keys: Set<string> | undefined;
  index: number;
  /** The key whose value comes next. */
  key: string;
  awaitsValue: boolean;
}

const placeIn = ({ path, keys, index, key }: Level): string => (keys === undefined ? `${path}[${index}]` : path === '' ? key : `${path}.${key}`);

/** The paths of fields that stand twice in a JSON text that can be parsed: `data.a`. */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  const levels: Level[] = [];
  for (const [mark] of text.matchAll(token)) {
    const level = levels.at(-1);
    if (mark === '{' || mark === '[') {
      levels.push({ path: level === undefined ? '' : placeIn(level), keys: mark === '{' ? new Set() : undefined, index: 0, key: '', awaitsValue: false });
    } else if (mark === '}' || mark === ']') levels.pop();
    else if (level === undefined) continue;
    else if (mark === ',') {
      level.index += 1;
      level.awaitsValue = false;
    } else if (mark === ':') level.awaitsValue = true;
    else if (level.keys !== undefined && !level.awaitsValue) {
      level.key = JSON.parse(mark);
      if (level.keys.has(level.key)) found.push(placeIn(level));
      level.keys.add(level.key);
    }
  }
  return found;
}

const known = new WeakMap<object, readonly string[]>();

/** Remembers what a body said twice, as parsing loses it. */
export function noteDuplicates(body: object, text: string): void {
  // What comes out word for word as it went in held nothing twice.
  if (JSON.stringify(body) === text) return;
  const found = duplicateFields(text);
  if (found.length > 0) known.set(body, found);
}

export const duplicatesOf = (body: object): readonly string[] => known.get(body) ?? [];
