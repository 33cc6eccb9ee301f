import { replay } from './replay.js';
import type { Stage } from './stage.js';

/** Programs that measure results. Python measures its objects, we measure what would go over the wire. */

function config(c: Stage, stream = true): Stage {
  return c.config({ timeProfile: false, responseSizeProfile: true, errorRaisedLabel: false, stream });
}

/** The results that the program measures, by their Python source. */
const RESULTS: Readonly<Record<string, unknown>> = {
  None: undefined,
  True: true,
  '0': 0,
  '1': 1,
  '2**31': 2 ** 31,
  '2**64': 2 ** 64,
  '1.0': 1,
  "''": '',
  "'x'": 'x',
  "'x'*56": 'x'.repeat(56),
  "'é'": 'é',
  "'✓'": '✓',
  "'😀'": '😀',
  "'é'*10": 'é'.repeat(10),
  "'✓'*10": '✓'.repeat(10),
  "'😀'*10": '😀'.repeat(10),
  "b''": Buffer.alloc(0),
  "b'x'*10": Buffer.alloc(10),
  '()': [],
  '({}, 201)': [{}, 201],
  '[]': [],
  '[1,2,3]': [1, 2, 3],
  '{}': {},
  "{'success': True}": { success: true },
  "{'a':1,...8 keys}": Object.fromEntries(Array.from({ length: 8 }, (_, i) => [String(i), i])),
  'set()': new Set(),
  'object()': {},
  'Obj()': new (class Obj {})(),
  "'x'*1_000_000": 'x'.repeat(1_000_000),
  "['x'*1_000_000]": ['x'.repeat(1_000_000)],
};

replay('response_size', {
  sizes(c) {
    config(c, false);
    const sizes = Object.entries(RESULTS).map(([source, result]) => {
      c.fn('f', () => result)();
      return [source, c.calls.pop()?.records[0]?.value[1] ?? 'unknown'];
    });
    c.notes.sizes = Object.fromEntries(sizes);
  },
  root_only(c) {
    const inner = config(c).fn('<lambda>', () => 'inner result');
    c.fn('f', () => {
      inner();
      return 'outer';
    })();
  },
  generator_size(c) {
    config(c).fn('g', function* () {
      yield 1;
    })();
  },
  sizeof_raises(c) {
    config(c).fn('f', () => ({
      get size() {
        throw new Error('no size');
      },
    }))();
  },
});
