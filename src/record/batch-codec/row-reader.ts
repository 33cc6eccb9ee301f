import type { ExemplarDelta, FamilySchema, LabelValues, RowOfKind } from '../batch.js';
import type { BatchLimits } from '../batch-limits.js';
import { isExemplar } from '../exemplar.js';
import type { MetricKind } from '../recorded.js';
import type { RowRefusal } from './refused-rows.js';
import { OVERFLOW_MARK } from './row-writer.js';
import { isCount, readRuns, SketchReader } from './sketch-row.js';

/** Strings by their position; undefined stands for one that is longer than the limit. */
export type Strings = readonly (string | undefined)[];

/** Makes a row of the first `length` numbers, or tells why it can't. */
export type RowReader<Row> = (numbers: Float64Array, length: number) => Row | RowRefusal;

/** Everything that the rows of one family are read with. */
interface FamilyContext {
  readonly schema: FamilySchema;
  readonly strings: Strings;
  readonly labels: LabelReader;
  readonly limits: BatchLimits;
}

const NONE: LabelValues = [];
const EXEMPLAR_CELLS = 20;

/** Reads the label values at the front of rows. */
class LabelReader {
  /** Position behind the labels of the row that was read last. */
  end = 0;
  readonly #strings: Strings;
  readonly #blank: readonly string[];

  constructor(strings: Strings, count: number) {
    this.#strings = strings;
    // Copying an array of the right size is quicker than growing one, and takes no more than it needs.
    this.#blank = Array.from({ length: count }, () => '');
  }

  read(numbers: Float64Array, length: number): LabelValues | RowRefusal {
    const count = this.#blank.length;
    this.end = count;
    if (count === 0) return NONE;
    if (length > 0 && numbers[0] === OVERFLOW_MARK) {
      this.end = 1;
      return NONE;
    }
    if (length < count) return 'labels_invalid';
    const values = this.#blank.slice();
    for (let i = 0; i < count; i++) {
      const value = stringAt(this.#strings, numbers[i]!);
      if (value === undefined) return absence(this.#strings, numbers[i]!);
      values[i] = value;
    }
    return values;
  }
}

type RowReaders = { readonly [K in MetricKind]: (context: FamilyContext) => RowReader<RowOfKind[K]> };

const READERS: RowReaders = {
  counter: ({ labels }) => singleReader(labels, isAddend, (labelValues, add) => ({ labelValues, add })),
  enum: ({ labels, schema: { states } }) =>
    singleReader(
      labels,
      (position) => states[position] !== undefined || 'state_unknown',
      (labelValues, position) => ({ labelValues, state: states[position]! }),
    ),
  gauge: ({ labels }) =>
    singleReader(
      labels,
      () => true,
      (labelValues, value) => ({ labelValues, value }),
    ),
  histogram: histogramReader,
  info: infoReader,
  summary: summaryReader,
};

/** The reader for rows of a family. */
export function rowReader<K extends MetricKind>(
  kind: K,
  schema: FamilySchema,
  strings: Strings,
  limits: BatchLimits,
): RowReader<RowOfKind[K]> {
  return READERS[kind]({ schema, strings, limits, labels: new LabelReader(strings, schema.labelNames.length) });
}

/** The reader for removed label sets of a family. */
export function removedReader(schema: FamilySchema, strings: Strings): RowReader<LabelValues> {
  const labels = new LabelReader(strings, schema.labelNames.length);
  return (numbers, length) => {
    const values = labels.read(numbers, length);
    return typeof values !== 'string' && length !== labels.end ? 'labels_invalid' : values;
  };
}

/** Numbers and references that a row of this kind holds in memory, at most. */
export function cellsOf(kind: MetricKind, schema: FamilySchema): number {
  return schema.labelNames.length + (kind === 'histogram' ? schema.bounds.length : 0) + 2;
}

/** As {@link cellsOf} for an exemplar, whose labels are many small objects. */
export function exemplarCells({ labelNames }: FamilySchema, { labels }: ExemplarDelta): number {
  return labelNames.length + 2 + labels.length * 8 + EXEMPLAR_CELLS;
}

function singleReader<Row>(
  labels: LabelReader,
  check: (value: number) => true | RowRefusal,
  make: (labelValues: LabelValues, value: number) => Row,
): RowReader<Row> {
  return (numbers, length) => {
    const labelValues = labels.read(numbers, length);
    if (typeof labelValues === 'string') return labelValues;
    if (length !== labels.end + 1) return 'malformed';
    const value = numbers[labels.end]!;
    const verdict = check(value);
    return verdict === true ? make(labelValues, value) : verdict;
  };
}

function isAddend(value: number): true | RowRefusal {
  return (Number.isFinite(value) && value >= 0) || 'value_invalid';
}

function summaryReader({ labels, schema, limits }: FamilyContext): RowReader<RowOfKind['summary']> {
  const sketches = schema.sketch && new SketchReader(schema, limits.sketchBuckets);
  return (numbers, length) => {
    const labelValues = labels.read(numbers, length);
    if (typeof labelValues === 'string') return labelValues;
    const end = labels.end + 2;
    if (sketches === undefined ? length !== end : length < end) return 'malformed';
    const count = numbers[labels.end]!;
    if (!isCount(count)) return 'value_invalid';
    const sum = numbers[labels.end + 1]!;
    if (sketches === undefined) return { labelValues, count, sum };
    const sketch = sketches.read(numbers, end, length);
    return sketch === undefined ? 'value_invalid' : { labelValues, count, sum, sketch };
  };
}

function histogramReader({ labels, schema, limits }: FamilyContext): RowReader<RowOfKind['histogram']> {
  const buckets = schema.bounds.length + 1;
  const empty = Array.from({ length: buckets }, () => 0);
  const sketches = schema.sketch && new SketchReader(schema, limits.sketchBuckets);
  return (numbers, length) => {
    const labelValues = labels.read(numbers, length);
    if (typeof labelValues === 'string') return labelValues;
    if (length <= labels.end) return 'malformed';
    const counts = empty.slice();
    const end = readRuns(numbers, labels.end + 1, length, counts);
    if (end === -1) return 'value_invalid';
    const sum = numbers[labels.end]!;
    if (sketches === undefined) return end === length ? { labelValues, counts, sum } : 'value_invalid';
    const sketch = sketches.read(numbers, end, length);
    return sketch === undefined ? 'value_invalid' : { labelValues, counts, sum, sketch };
  };
}

/** The reader for exemplars of a family. */
export function exemplarReader(schema: FamilySchema, strings: Strings, limits: BatchLimits): RowReader<ExemplarDelta> {
  const series = new LabelReader(strings, schema.labelNames.length);
  return (numbers, length) => {
    const labelValues = series.read(numbers, length);
    const start = series.end + 2;
    const entries = length - start;
    if (typeof labelValues === 'string' || entries < 0 || entries % 2 === 1 || entries > limits.labels * 2) return 'exemplar_invalid';
    const value = numbers[series.end]!;
    const timestamp = numbers[series.end + 1]!;
    const labels: (readonly [string, string])[] = [];
    for (let at = start; at < length; at += 2) {
      const name = stringAt(strings, numbers[at]!);
      const text = stringAt(strings, numbers[at + 1]!);
      if (name === undefined || text === undefined) return 'exemplar_invalid';
      labels.push([name, text]);
    }
    return isExemplar(labels, value, timestamp) ? { labelValues, labels, value, timestamp } : 'exemplar_invalid';
  };
}

function infoReader({ labels, strings, limits }: FamilyContext): RowReader<RowOfKind['info']> {
  return (numbers, length) => {
    const labelValues = labels.read(numbers, length);
    if (typeof labelValues === 'string') return labelValues;
    const entries = length - labels.end;
    if (entries < 0 || entries % 2 === 1) return 'malformed';
    if (entries > limits.labels * 2) return 'labels_limit';
    const pairs: Record<string, string> = {};
    for (let at = labels.end; at < length; at += 2) {
      const name = stringAt(strings, numbers[at]!);
      const value = stringAt(strings, numbers[at + 1]!);
      if (name === undefined) return absence(strings, numbers[at]!);
      if (value === undefined) return absence(strings, numbers[at + 1]!);
      // Assigned, this name would set the prototype.
      if (name === '__proto__' || Object.hasOwn(pairs, name)) return 'name_invalid';
      pairs[name] = value;
    }
    return { labelValues, pairs };
  };
}

function stringAt(strings: Strings, position: number): string | undefined {
  const at = position | 0;
  return at === position && at >= 0 && at < strings.length ? strings[at] : undefined;
}

/** Why there is no string at this position. */
function absence(strings: Strings, position: number): RowRefusal {
  return Number.isInteger(position) && position >= 0 && position < strings.length ? 'label_value_limit' : 'labels_invalid';
}
