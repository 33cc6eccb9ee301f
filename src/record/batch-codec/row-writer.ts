import type { ExemplarDelta, FamilyDelta, HistogramDelta, LabelValues, RowOfKind } from '../batch.js';
import type { MetricKind } from '../recorded.js';
import type { ByteWriter } from './byte-writer.js';
import { writeRuns, writeSketch } from './sketch-row.js';
import type { StringTable } from './string-table.js';

/** Rows as arrays of numbers: positions in the string table for the label values, then what the kind needs. */

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** In place of the labels: the overflow series of a family with labels. */
export const OVERFLOW_MARK = -1;

/** Where rows are written to. */
export interface RowSink {
  readonly bytes: ByteWriter;
  readonly strings: StringTable;
}

/** Writes one row. Returns the recorded operations it contains where the row itself tells, else 0. */
export function writeRow(sink: RowSink, { kind, schema }: FamilyDelta, row: RowOfKind[MetricKind]): number {
  const { bytes } = sink;
  if (!openRow(sink, schema.labelNames.length, row.labelValues)) return 0;
  const ops = writeNumbers(sink, kind, schema.states, row);
  if (schema.sketch !== undefined) writeSketch(bytes, row);
  bytes.close(CLOSE);
  return ops;
}

export function writeRemoved(sink: RowSink, { schema }: FamilyDelta, labelValues: LabelValues): void {
  if (openRow(sink, schema.labelNames.length, labelValues)) sink.bytes.close(CLOSE);
}

/** Its series, its value and when it was seen, then the positions of name and value of each of its labels. */
export function writeExemplar(sink: RowSink, { schema }: FamilyDelta, { labelValues, labels, value, timestamp }: ExemplarDelta): void {
  const { bytes, strings } = sink;
  if (!openRow(sink, schema.labelNames.length, labelValues)) return;
  writeNumber(bytes, value);
  writeNumber(bytes, timestamp);
  for (const [name, text] of labels) {
    writeNumber(bytes, strings.position(name));
    writeNumber(bytes, strings.position(text));
  }
  bytes.close(CLOSE);
}

function openRow({ bytes, strings }: RowSink, labels: number, values: LabelValues): boolean {
  if (values.length !== labels && values.length > 0) {
    // The numbers behind a wrong number of labels could be taken for labels; this way the row is refused and counted.
    bytes.ascii('null');
    return false;
  }
  bytes.byte(OPEN);
  if (values.length < labels) writeNumber(bytes, OVERFLOW_MARK);
  for (let i = 0; i < values.length; i++) writeNumber(bytes, strings.position(values[i]!));
  return true;
}

function writeNumber(bytes: ByteWriter, value: number): void {
  bytes.number(value);
  bytes.byte(COMMA);
}

function writeNumbers({ bytes, strings }: RowSink, kind: MetricKind, states: readonly string[], row: RowOfKind[MetricKind]): number {
  switch (kind) {
    case 'histogram':
      return writeHistogram(bytes, row as HistogramDelta);
    case 'summary': {
      const { count, sum } = row as RowOfKind['summary'];
      writeNumber(bytes, count);
      writeNumber(bytes, sum);
      return count;
    }
    case 'counter':
      writeNumber(bytes, (row as RowOfKind['counter']).add);
      return 0;
    case 'gauge':
      writeNumber(bytes, (row as RowOfKind['gauge']).value);
      return 0;
    case 'enum':
      writeNumber(bytes, states.indexOf((row as RowOfKind['enum']).state));
      return 0;
    case 'info':
      for (const [name, value] of Object.entries((row as RowOfKind['info']).pairs)) {
        writeNumber(bytes, strings.position(name));
        writeNumber(bytes, strings.position(value));
      }
      return 0;
  }
}

function writeHistogram(bytes: ByteWriter, { counts, sum }: HistogramDelta): number {
  writeNumber(bytes, sum);
  return writeRuns(bytes, counts);
}
