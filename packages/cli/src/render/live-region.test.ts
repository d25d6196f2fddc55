import { expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { LiveRegion } from './live-region.js';

const escape = '\u001b';

/** What a terminal would show: enough of one to understand what a region writes. */
function screen(written: string, width: number): readonly string[] {
  const lines = [''];
  let [row, column] = [0, 0];
  const put = (text: string): void => {
    const line = lines[row] ?? '';
    lines[row] = `${line.padEnd(column).slice(0, column)}${text}${line.slice(column + text.length)}`;
    column += text.length;
  };
  const down = (): void => {
    row += 1;
    column = 0;
    lines[row] ??= '';
  };
  const command = (name: string, count: number): void => {
    if (name === 'A') row = Math.max(0, row - count);
    if (name === 'J') lines.splice(row + 1);
    if (name === 'J' || name === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
  };
  written.split(escape).forEach((part, index) => {
    const [all = '', count = '', name = ''] = index === 0 ? [] : (/^\[\??(\d*)([a-zA-Z])/.exec(part) ?? []);
    command(name, Number(count || 1));
    for (const character of part.slice(all.length)) {
      if (character === '\r') column = 0;
      else if (character === '\n') down();
      else {
        if (column === width) down();
        put(character);
      }
    }
  });
  return lines;
}

const rows = (...texts: string[]) => texts.map((text) => ({ text }));
const open = () => {
  const io = new FakeIo({ terminal: { columns: 40, rows: 10 } });
  return { io, region: new LiveRegion(io, { colour: true }) };
};

test('draws over what it drew, keeps what was printed', () => {
  const { io, region } = open();
  region.draw(rows('one', 'two longer', 'three'));
  region.draw(rows('ONE', 'two'));
  region.print(['said']);
  region.draw(rows('a', 'b', 'c'));
  region.draw(rows('a', 'B', 'c'));
  region.close();
  expect(screen(io.out, 40)).toEqual(['said', 'a', 'B', 'c', '']);
});

test('the same rows are not written twice', () => {
  const { io, region } = open();
  region.draw(rows('one'));
  const before = io.out;
  region.draw(rows('one'));
  expect(io.out).toBe(before);
});

test('after the terminal got narrower it still finds its first row', () => {
  const { io, region } = open();
  region.print(['kept']);
  const wide = 'x'.repeat(39);
  region.draw(rows(wide, wide));
  const size = io.stdout as { columns: number };
  size.columns = 25;
  const before = io.out.length;
  region.draw(rows('one', 'two'));
  expect(io.out.slice(before).startsWith(`\r${escape}[3A`)).toBe(true);
  region.close();
});

test.each(['close', 'exit'] as const)('the cursor is back after %s', (how) => {
  const { io, region } = open();
  region.draw(rows('one'));
  if (how === 'close') region.close();
  else io.exit(130);
  expect(io.out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(io.out.lastIndexOf('\u001b[?25l'));
});
