import { expect, test } from 'vitest';
import { labelKey, parseText } from './parse-text.js';

test('reads what is right', () => {
  const text = '# HELP a a \\\\ b\\nc\n# TYPE a gauge\na{l="x\\"\\\\\\n}, 1"} -1.5e-7\na NaN\n# HELP b \n# TYPE b counter\n';
  expect(parseText(text)).toEqual([
    {
      name: 'a',
      type: 'gauge',
      help: 'a \\ b\nc',
      samples: [
        { name: 'a', labels: { l: 'x"\\\n}, 1' }, value: -1.5e-7 },
        { name: 'a', labels: {}, value: Number.NaN },
      ],
    },
    { name: 'b', type: 'counter', help: '', samples: [] },
  ]);
  expect(parseText('')).toEqual([]);
});

const gauge = (lines: string): string => `# HELP a h\n# TYPE a gauge\n${lines}`;
const histogram = (lines: string): string => `# HELP a h\n# TYPE a histogram\n${lines}`;

test.each([
  ['no line end', gauge('a 1'), 'line end'],
  ['no TYPE', '# HELP a h\na 1\n', 'no TYPE of a'],
  ['TYPE of another', '# HELP a h\n# TYPE b gauge\n', 'no TYPE of a'],
  ['two blocks', `${gauge('')}${gauge('')}`, 'second block of a'],
  ['no family', 'a 1\n', 'before any family'],
  ['foreign sample', gauge('b 1\n'), 'another family'],
  ['empty line', gauge('\n'), 'no sample'],
  ['bad number', gauge('a 0x1\n'), 'no number'],
  ['Infinity', gauge('a Infinity\n'), 'no number'],
  ['unknown escape', gauge('a{l="\\t"} 1\n'), 'bad labels'],
  ['escape in help', '# HELP a \\"\n# TYPE a gauge\n', 'unknown escape'],
  ['open escape in help', '# HELP a \\\n# TYPE a gauge\n', 'unknown escape'],
  ['trailing comma', gauge('a{l="x",} 1\n'), 'bad labels'],
  ['label twice', gauge('a{l="x",l="y"} 1\n'), 'label l twice'],
  ['series twice', gauge('a{l="x",m="y"} 1\na{m="y",l="x"} 2\n'), 'series twice'],
  ['series twice but for an empty label', gauge('a{l=""} 1\na 2\n'), 'series twice'],
  ['negative counter', '# HELP a h\n# TYPE a counter\na -1\n', 'negative counter'],
  ['falling buckets', histogram('a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_count 1\n'), 'fall'],
  ['unsorted buckets', histogram('a_bucket{le="2"} 1\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\na_count 1\n'), 'ascend'],
  ['no +Inf', histogram('a_bucket{le="1"} 1\na_count 1\n'), 'lacks +Inf'],
  ['other count', histogram('a_bucket{le="+Inf"} 1\na_count 2\n'), 'not that of +Inf'],
])('refuses %s', (_what, text, message) => {
  expect(() => parseText(text)).toThrow(message);
});

test('a label set is the same in any order, and empty values are none', () => {
  expect(labelKey({ b: '1', a: '2', c: '' })).toBe(labelKey({ a: '2', b: '1' }));
  expect(labelKey({ a: '1' })).not.toBe(labelKey({ a: '2' }));
});
