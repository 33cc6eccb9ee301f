import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelIndex } from '../../src/metrics/label-index.js';

const value = fc.constantFrom('', 'a', 'b', 'c', '__proto__', 'constructor');

test('finds what a map by the joined values would find, whatever is set and deleted', () => {
  const operation = (depth: number) =>
    fc.record({ isDelete: fc.boolean(), values: fc.array(value, { minLength: depth, maxLength: depth }) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }).chain((depth) => fc.tuple(fc.constant(depth), fc.array(operation(depth), { maxLength: 60 }))),
      ([depth, operations]) => {
        const index = new LabelIndex<{ readonly n: number }>(depth);
        const model = new Map<string, { readonly n: number }>();
        const names = Array.from({ length: depth }, (_, i) => `l${i}`);
        for (const [n, { isDelete, values }] of operations.entries()) {
          const key = JSON.stringify(values);
          const labels = Object.fromEntries(names.map((name, i) => [name, values[i]]));
          const [found, known] = isDelete ? [index.delete(values), model.delete(key)] : [true, true];
          expect(found).toBe(known);
          if (!isDelete) {
            index.set(values, { n });
            model.set(key, { n });
          }
          expect(index.size).toBe(model.size);
          expect(index.get(values)).toEqual(model.get(key));
          expect(index.find(names, labels)).toEqual(model.get(key));
          expect(index.find(names, { ...labels, more: 'x' })).toBeUndefined();
        }
        for (const [key, entry] of model) expect(index.get(JSON.parse(key) as string[])).toEqual(entry);
        const byNumber = (a: { readonly n: number }, b: { readonly n: number }) => a.n - b.n;
        expect([...index.entries()].sort(byNumber)).toEqual([...model.values()].sort(byNumber));
      },
    ),
    { numRuns: 300 },
  );
});

test('find leaves all that is no text to whoever checks labels', () => {
  const index = new LabelIndex<object>(1);
  index.set(['1'], {});
  expect(index.find(['a'], { a: 1 })).toBeUndefined();
  expect(index.find(['a'], {})).toBeUndefined();
  expect(index.find([], {})).toBeUndefined();
  expect(index.find(['a'], { a: '1' })).toEqual({});
});
