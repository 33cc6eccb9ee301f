import type { WriteStream } from 'node:tty';
import { lineText, type TextLine } from './text-line.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_BELOW = '\u001b[J';

/** A block of lines at the end of a terminal that is drawn again in its place. */
export class Screen {
  readonly #terminal: WriteStream;
  readonly #styled: boolean;
  #widths: number[] = [];

  constructor(terminal: WriteStream, styled: boolean) {
    this.#terminal = terminal;
    this.#styled = styled;
    terminal.write(HIDE_CURSOR);
    process.once('exit', this.#showCursor);
  }

  /** Cuts what doesn't fit, for a line that wraps or scrolls away can't be drawn over. */
  draw(lines: readonly TextLine[]): void {
    const { columns, rows } = this.#size();
    const fitting = lines.slice(0, rows - 1).map(({ text, ...line }) => ({ ...line, text: text.slice(0, columns - 1) }));
    const block = fitting.map((line) => `${lineText(line, this.#styled)}\n`).join('');
    this.#terminal.write(this.#erase() + block);
    this.#widths = fitting.map(({ text }) => text.length);
  }

  /** Erases the block and gives the cursor back. */
  close(): void {
    this.#terminal.write(this.#erase() + SHOW_CURSOR);
    this.#widths = [];
    process.off('exit', this.#showCursor);
  }

  /** Some pseudo-terminals don't know their size and say 0. */
  #size(): { columns: number; rows: number } {
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  readonly #showCursor = (): void => {
    this.#terminal.write(SHOW_CURSOR);
  };

  /** Back to the first line of the block; a terminal that became narrower has wrapped the longer ones. */
  #erase(): string {
    const { columns } = this.#size();
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return `${height === 0 ? '\r' : `\u001b[${height}F`}${ERASE_BELOW}`;
  }
}
