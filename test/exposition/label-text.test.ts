import { expect, test } from 'vitest';
import { escapeHelp, escapeLabelValue } from '../../src/exposition/label-text.js';

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['a"b', 'a\\"b'],
  ['c\\d', 'c\\\\d'],
  ['x\ny', 'x\\ny'],
  ['\\n', '\\\\n'],
  ['\\"', '\\\\\\"'],
  ['tab\tcr\rnul\0', 'tab\tcr\rnul\0'],
  ['✓ 😀', '✓ 😀'],
  ['half \ud83d of a pair', 'half \ufffd of a pair'],
  ['other half \ude00', 'other half \ufffd'],
  ['\ude00\ud83d', '\ufffd\ufffd'],
])('label value %j becomes %j', (value, text) => {
  expect(escapeLabelValue(value)).toBe(text);
});

test.each([
  ['Says "hello".', 'Says "hello".'],
  ['two\nlines \\ one', 'two\\nlines \\\\ one'],
  ['half \ud83d', 'half \ufffd'],
])('help %j becomes %j', (help, text) => {
  expect(escapeHelp(help)).toBe(text);
});
