import type { Io } from '../io.js';
import { type Row, rowText } from './paint.js';

const hide = '\u001b[?25l';
const show = '\u001b[?25h';

/** The lower part of a terminal that is drawn over and over. What is printed stays above it. Shows the cursor again on every way out. */
export class LiveRegion {
  readonly #io: Io;
  readonly #undo: () => void;
  #drawn: readonly number[] = [];
  #last = '';
  #open = true;
  readonly #colour: boolean;

  constructor(io: Io, { colour }: { readonly colour: boolean }) {
    this.#colour = colour;
    this.#io = io;
    io.stdout.write(hide);
    this.#undo = io.atExit(() => this.close());
  }

  get width(): number {
    return Math.max(20, this.#io.stdout.columns ?? 80);
  }

  get rows(): number {
    return Math.max(5, this.#io.stdout.rows ?? 24);
  }

  /** In one write: `above`, which stays above the region, and its rows. */
  draw(rows: readonly Row[], above: readonly string[] = []): void {
    if (!this.#open) return;
    this.print(above);
    // One column stays free: a full row makes some terminals wrap.
    const texts = rows.map((row) => rowText(row, this.width - 1, this.#colour));
    const key = `${this.width} ${texts.join('\n')}`;
    if (key === this.#last) return;
    this.#last = key;
    this.#io.stdout.write(`${this.#home()}${texts.map((text) => `${text}\u001b[K`).join('\n')}\u001b[J`);
    this.#drawn = rows.map(({ text }) => Math.min(text.length, this.width - 1));
  }

  /** Lines that stay, above the region. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#io.stdout.write(`${this.#home()}\u001b[J${lines.join('\n')}\n`);
    this.#drawn = [];
    this.#last = '';
  }

  /** Leaves what was drawn last on the screen. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#io.stdout.write(`${this.#drawn.length > 0 ? '\n' : ''}${show}`);
    this.#undo();
  }

  /** To the region's first row; a terminal that got narrower has wrapped what was drawn. */
  #home(): string {
    const rows = this.#drawn.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / this.width)), 0);
    return rows > 1 ? `\r\u001b[${rows - 1}A` : '\r';
  }
}
