import type { WriteStream } from 'node:tty';

/** A terminal that keeps its lines instead of showing them. It knows the few control sequences that the shop writes, and refuses others. */
export class FakeTerminal {
  columns: number;
  readonly rows: number;
  cursorShown = true;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** What is to be seen. */
  get lines(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  /** For whoever wants a terminal. */
  get stream(): WriteStream {
    return this as unknown as WriteStream;
  }

  /** A narrower terminal breaks the lines that are too long. */
  narrow(columns: number): void {
    this.columns = columns;
    this.#lines = this.#lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? ['']);
    this.#row = this.#lines.length - 1;
  }

  write(text: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a terminal reads
    for (const [token] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[\s\S]/g)) this.#read(token);
    return true;
  }

  #read(token: string): void {
    if (token === '\n') {
      this.#row++;
      this.#column = 0;
      while (this.#lines.length <= this.#row) this.#lines.push('');
    } else if (token === '\r') {
      this.#column = 0;
    } else if (token === '\u001b[J') {
      this.#lines = [...this.#lines.slice(0, this.#row), (this.#lines[this.#row] ?? '').slice(0, this.#column)];
    } else if (token === '\u001b[?25l' || token === '\u001b[?25h') {
      this.cursorShown = token.endsWith('h');
    } else if (token.startsWith('\u001b[') && token.endsWith('F')) {
      this.#row = Math.max(0, this.#row - Number.parseInt(token.slice(2), 10));
      this.#column = 0;
    } else if (token.startsWith('\u001b')) {
      throw new Error(`unknown control sequence ${JSON.stringify(token)}`);
    } else {
      if (this.#column >= this.columns) this.#read('\n');
      const line = this.#lines[this.#row] ?? '';
      this.#lines[this.#row] = line.slice(0, this.#column).padEnd(this.#column) + token + line.slice(this.#column + 1);
      this.#column++;
    }
  }
}
