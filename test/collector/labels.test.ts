import { expect, test } from 'vitest';
import { Collector } from '../../src/collector/collector.js';
import { parseText } from '../exposition/parse-text.js';
import { aBatch, aDelta } from './a-batch.js';

/** Text of a counter after one row for each of these label sets. */
function countedAs(...sets: Readonly<Record<string, string>>[]): string {
  const collector = new Collector();
  for (const set of sets) {
    const schema = { name: 'n', labelNames: Object.keys(set) };
    collector.apply(aBatch(aDelta('counter', schema, [{ labelValues: Object.values(set), add: 1 }])));
  }
  expect(collector.refused.total).toBe(0);
  parseText(collector.text());
  return collector.text().split('\n').slice(2).join('\n');
}

test('different label names coexist in one family', () => {
  expect(countedAs({ a: '1' }, {}, { b: '1' }, { a: '1' }, {})).toBe('n_total{a="1"} 2\nn_total 2\nn_total{b="1"} 1\n');
});

test('labels stand in the order of their first declaration, and other orders mean the same series', () => {
  expect(countedAs({ z: '1', a: '2' }, { a: '2', z: '1' }, { b: '3', a: '2' })).toBe('n_total{z="1",a="2"} 2\nn_total{a="2",b="3"} 1\n');
});

test('an empty value is shown, but is the same series as no label', () => {
  expect(countedAs({ a: '', b: '1' }, { b: '1' }, { a: '' }, {})).toBe('n_total{a="",b="1"} 2\nn_total{a=""} 2\n');
});

test('values that differ only by what is escaped stay apart', () => {
  expect(countedAs({ a: '\\n' }, { a: '\n' }, { a: '1",b="2' }, { a: '1', b: '2' })).toBe(
    'n_total{a="\\\\n"} 1\nn_total{a="\\n"} 1\nn_total{a="1\\",b=\\"2"} 1\nn_total{a="1",b="2"} 1\n',
  );
});

test('values that become the same bytes are the same series', () => {
  expect(countedAs({ a: '\ud800' }, { a: '\ud801' })).toBe('n_total{a="\ufffd"} 2\n');
});
