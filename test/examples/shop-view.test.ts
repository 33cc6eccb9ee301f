import { expect, test } from 'vitest';
import { type Calls, sumOf } from '../../examples/shop/watch/calls.js';
import { LineView, ScreenView } from '../../examples/shop/watch/live-view.js';
import { Screen } from '../../examples/shop/watch/screen.js';
import { FakeTerminal } from './fake-terminal.js';

function linesOf(...texts: string[]): { text: string }[] {
  return texts.map((text) => ({ text }));
}

test('a block is drawn over the one before, longer or shorter, and what stood above stays', () => {
  const terminal = new FakeTerminal(20, 10);
  terminal.write('above\n');
  const screen = new Screen(terminal.stream, false);
  expect(terminal.cursorShown).toBe(false);
  screen.draw(linesOf('one', 'two', 'three'));
  expect(terminal.lines).toEqual(['above', 'one', 'two', 'three', '']);
  screen.draw(linesOf('1', '', '3', '4'));
  expect(terminal.lines).toEqual(['above', '1', '', '3', '4', '']);
  screen.draw(linesOf('last'));
  expect(terminal.lines).toEqual(['above', 'last', '']);
  screen.close();
  expect(terminal.lines).toEqual(['above', '']);
  expect(terminal.cursorShown).toBe(true);
});

test('lines that are too long and too many are cut', () => {
  const terminal = new FakeTerminal(5, 4);
  const screen = new Screen(terminal.stream, false);
  screen.draw(linesOf('123456', '2', '3', '4'));
  expect(terminal.lines).toEqual(['1234', '2', '3', '']);
  screen.close();
});

test('a terminal that became narrower is left clean, and so is the ^C that it echoed', () => {
  const terminal = new FakeTerminal(20, 10);
  const screen = new Screen(terminal.stream, false);
  screen.draw(linesOf('0123456789', 'x'));
  terminal.narrow(4);
  screen.draw(linesOf('now'));
  expect(terminal.lines).toEqual(['now', '']);
  terminal.write('^C');
  screen.close();
  expect(terminal.lines).toEqual(['']);
});

test('a terminal that does not know its size gets 80 columns and 24 rows', () => {
  const terminal = new FakeTerminal(1000, 1000);
  const screen = new Screen({ write: (text: string) => terminal.write(text), columns: 0, rows: 0 } as never, false);
  screen.draw(Array.from({ length: 30 }, () => ({ text: '-'.repeat(100) })));
  expect(terminal.lines).toEqual([...Array.from({ length: 23 }, () => '-'.repeat(79)), '']);
  screen.close();
});

test('titles are bold where that is wanted', () => {
  let written = '';
  const screen = new Screen({ write: (text: string) => (written += text), columns: 80, rows: 24 } as never, true);
  screen.draw([{ text: 'title', style: 'bold' }, { text: 'row' }]);
  expect(written).toContain('\u001b[1mtitle\u001b[22m\nrow\n');
  screen.close();
});

const fast: Calls = {
  ...sumOf('Catalogue:list', []),
  count: 20,
  errors: 1,
  seconds: 0.002,
  buckets: new Map([
    [0.0001, 10],
    [0.001, 10],
  ]),
};
const slow: Calls = { ...sumOf('Orders:place', []), count: 4, seconds: 0.02, buckets: new Map([[0.01, 4]]) };
const below: Calls = { ...sumOf('Orders:place.save', []), count: 4, seconds: 0.016, buckets: new Map([[0.01, 4]]) };
const never = sumOf('Prices:import', []);
const second = { at: 6.98, span: 2, calls: [fast, slow, below, never], workers: [] };
const workers = [
  { number: 1, pid: 4711, up: 12.9, deaths: 0 },
  { number: 2, pid: 4720, up: 0.2, deaths: 1 },
  { number: 3, pid: 4721, up: undefined, deaths: 2 },
];

test('a second as a line: requests are root calls, and the slowest come first', () => {
  const lines: string[] = [];
  new LineView((line) => lines.push(line)).show(second);
  expect(lines).toEqual([
    '  7 s   12 requests/s   14 calls/s   1 errors/s   slowest Orders:place 5.00 ms, Orders:place.save 4.00 ms, Catalogue:list 100 µs',
  ]);
});

test('a second on a screen: every root method in its place, and below them the slowest that were called', () => {
  const terminal = new FakeTerminal(120, 40);
  const view = new ScreenView(new Screen(terminal.stream, false));
  view.show(second);
  expect(terminal.lines).toEqual([
    '  7 s   12 requests/s   14 calls/s   1 errors/s',
    '',
    'root method                      calls/s  errors/s      mean       p95',
    'Catalogue:home                         0',
    'Catalogue:list                        10       0.5    100 µs    910 µs',
    'Catalogue:show                         0',
    'Catalogue:search                       0',
    'Orders:place                         2.0             5.00 ms   9.50 ms',
    'Checkout:pay                           0',
    'Invoices:download                      0',
    'Prices:import                          0',
    'Shop:notFound                          0',
    '',
    'slowest below                    calls/s  errors/s      mean       p95',
    'Orders:place.save                    2.0             4.00 ms   9.50 ms',
    '',
  ]);
  view.show({ ...second, workers });
  expect(terminal.lines.slice(0, 3)).toEqual([
    '  7 s   12 requests/s   14 calls/s   1 errors/s',
    'workers   1: process 4711, up 12 s   2: process 4720, up 0 s, 1 death before   3: starting, 2 deaths before',
    '',
  ]);
  view.close();
  expect(terminal.lines).toEqual(['']);
});

test('a second as a line tells how many workers have died, once some have', () => {
  const lines: string[] = [];
  const view = new LineView((line) => lines.push(line));
  view.show({ ...second, workers: workers.slice(0, 1) });
  view.show({ ...second, workers });
  expect(lines.map((line) => line.slice(0, 60))).toEqual(
    ['  7 s   12 requests/s   14 calls/s   1 errors/s   slowest Ord', '  7 s   12 requests/s   14 calls/s   1 errors/s   3 deaths   '].map(
      (line) => line.slice(0, 60),
    ),
  );
});
