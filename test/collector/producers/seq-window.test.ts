import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeqWindow } from '../../../src/collector/producers/seq-window.js';

test('what comes in order costs one number', () => {
  const window = new SeqWindow(0);
  for (let seq = 1; seq <= 3000; seq++) window.add(seq);
  expect([window.top, window.ahead, window.has(3000), window.has(3001)]).toEqual([3000, [], true, false]);
});

test('what comes ahead is kept until the gap closes', () => {
  const window = new SeqWindow(10);
  for (const seq of [13, 12, 1034]) window.add(seq);
  expect([window.top, window.ahead]).toEqual([10, [12, 13, 1034]]);
  window.add(11);
  expect([window.top, window.ahead]).toEqual([13, [1034]]);
});

test('what is given up counts once, without what came', () => {
  const window = new SeqWindow(0);
  window.add(3);
  window.add(5);
  expect(window.moveTo(4)).toBe(3);
  expect([window.top, window.ahead]).toEqual([5, []]);
  expect(window.moveTo(2)).toBe(0);
  expect(window.moveTo(1_000_000)).toBe(999_995);
  expect([window.top, window.has(1_000_000), window.has(1_000_001)]).toEqual([1_000_000, true, false]);
});

test('it agrees with a set of numbers, whatever happens', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 1024 }) }) },
    { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ moveBy: fc.oneof(fc.integer({ min: -5, max: 40 }), fc.integer({ min: 1000, max: 3000 })) }) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.array(step, { maxLength: 200 }), (start, steps) => {
      const window = new SeqWindow(start);
      const applied = new Set<number>();
      let top = start;
      const advance = (): void => {
        while (applied.has(top + 1)) top++;
      };
      for (const each of steps) {
        const target = 'moveBy' in each ? top + each.moveBy : top;
        const missing = Array.from({ length: Math.max(0, target - top) }, (_, i) => top + 1 + i).filter((seq) => !applied.has(seq)).length;
        expect(window.moveTo(target)).toBe(missing);
        top = Math.max(top, target);
        if ('add' in each) {
          applied.add(top + each.add);
          window.add(top + each.add);
        }
        advance();
        expect(window.top).toBe(top);
        expect(window.ahead).toEqual([...applied].filter((seq) => seq > top).sort((a, b) => a - b));
        for (const seq of [top - 1, top, top + 1, top + 1024, top + 1025]) expect(window.has(seq)).toBe(seq <= top || applied.has(seq));
      }
    }),
    { numRuns: 200 },
  );
});
