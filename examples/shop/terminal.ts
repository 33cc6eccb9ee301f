import { LineView, type LiveView, ScreenView } from './watch/live-view.js';
import { Screen } from './watch/screen.js';
import { lineText, type TextLine } from './watch/text-line.js';

/** The standard output: a terminal that can be drawn on, or a file or pipe that takes lines. */
export class Terminal {
  readonly #isScreen = process.stdout.isTTY && process.env.TERM !== 'dumb';
  readonly #styled = this.#isScreen && (process.env.NO_COLOR ?? '') === '';

  write(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  writeLine(line: TextLine): void {
    this.write(lineText(line, this.#styled));
  }

  liveView(): LiveView {
    return this.#isScreen ? new ScreenView(new Screen(process.stdout, this.#styled)) : new LineView((line) => this.write(line));
  }
}
