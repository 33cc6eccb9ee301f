import type { WorkerStatus } from '../house/open-shop.js';
import { ROUTES } from '../service/routes.js';
import { type Calls, isRoot, mean, percentile, sumOf } from './calls.js';
import { amountText, countText, durationText, rateText } from './number-text.js';
import type { Screen } from './screen.js';
import { type Second, slowest, totals } from './second.js';
import { left, right, tableLines } from './table.js';
import { BLANK, type TextLine, titled } from './text-line.js';

/** Shows each second as it passes. */
export interface LiveView {
  show(second: Second): void;
  close(): void;
}

/** How many of the slowest methods are shown. */
const SLOWEST = { screen: 7, line: 3 };

/** Draws a summary in place. */
export class ScreenView implements LiveView {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(second: Second): void {
    const { calls, span } = second;
    const roots = Object.values(ROUTES).map((path) => calls.find((each) => each.path === path) ?? sumOf(path, []));
    const below = calls.filter((each) => !isRoot(each));
    this.#screen.draw([
      { text: headline(second) },
      ...(second.workers.length === 0 ? [] : [{ text: `workers   ${second.workers.map(workerText).join('   ')}` }]),
      BLANK,
      ...callTable('root method', roots, span),
      BLANK,
      ...callTable('slowest below', slowest(below, SLOWEST.screen), span),
    ]);
  }

  close(): void {
    this.#screen.close();
  }
}

/** Writes a line a second. */
export class LineView implements LiveView {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  show(second: Second): void {
    const methods = slowest(second.calls, SLOWEST.line).map((calls) => `${calls.path} ${durationText(mean(calls))}`);
    const deaths = second.workers.reduce((sum, worker) => sum + worker.deaths, 0);
    this.#write(`${headline(second)}${deaths === 0 ? '' : `   ${amountText(deaths, 'death')}`}   slowest ${methods.join(', ') || 'none'}`);
  }

  close(): void {
    // A line that is written stays.
  }
}

function headline(second: Second): string {
  const { requests, calls, errors } = totals(second);
  const figures = [`${countText(requests)} requests/s`, `${countText(calls)} calls/s`, `${countText(errors)} errors/s`];
  return `${String(Math.round(second.at)).padStart(3)} s   ${figures.join('   ')}`;
}

/** `2: process 4711, up 12 s, 3 deaths before` */
function workerText({ number, pid, up, deaths }: WorkerStatus): string {
  const state = up === undefined ? 'starting' : `process ${pid}, up ${Math.floor(up)} s`;
  return `${number}: ${state}${deaths === 0 ? '' : `, ${amountText(deaths, 'death')} before`}`;
}

function callTable(title: string, rows: readonly Calls[], span: number): TextLine[] {
  // As wide as the longest path that the shop has, lest columns move from second to second.
  const columns = [left(title.padEnd(30)), right(' calls/s'), right('errors/s'), right('    mean'), right('     p95')];
  const cells = rows.map((calls) => [
    calls.path,
    rateText(calls.count / span),
    calls.errors === 0 ? '' : rateText(calls.errors / span),
    durationText(mean(calls)),
    durationText(percentile(95, calls)),
  ]);
  return titled(tableLines(columns, cells));
}
