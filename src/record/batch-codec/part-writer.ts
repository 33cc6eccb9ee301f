import type { Batch, ExemplarDelta, FamilyDelta, LabelValues, RowOfKind } from '../batch.js';
import type { MetricKind } from '../recorded.js';
import { ByteWriter } from './byte-writer.js';
import { exemplarCells } from './row-reader.js';
import { writeExemplar, writeRemoved, writeRow } from './row-writer.js';
import { sketchCells } from './sketch-row.js';
import { StringTable } from './string-table.js';

/** Version of the document; readers refuse others. */
export const BATCH_VERSION = 2;

const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;
/** Bytes around strings and families, and what is still to be closed. */
const FRAME = 64;

type List = 'exemplars' | 'removed' | 'rows';

/** Lists of a family in the order in which they are written. */
const ORDER: readonly (List | undefined)[] = [undefined, 'removed', 'rows', 'exemplars'];

/** Where the document stood before its last row. */
interface Mark {
  bytes: number;
  strings: number;
  cells: number;
  ops: number;
  family: FamilyDelta | undefined;
  list: List | undefined;
}

/** The document of one batch while it is written, one row or removed label set at a time; the one that came last can be taken back. */
export class PartWriter {
  readonly bytes = new ByteWriter(16_384);
  readonly strings = new StringTable();
  /** Label values, numbers and buckets of all rows. */
  cells = 0;
  /** Rows, removed label sets and exemplars. */
  items = 0;
  /** Recorded operations that rows tell of themselves: observations of histograms and summaries. */
  ops = 0;
  #family: FamilyDelta | undefined;
  #list: List | undefined;
  readonly #before: Mark = { bytes: 0, strings: 0, cells: 0, ops: 0, family: undefined, list: undefined };

  /** Bytes of the document without its header. */
  get size(): number {
    return this.bytes.length + this.strings.length + FRAME;
  }

  row(family: FamilyDelta, row: RowOfKind[MetricKind]): void {
    this.#open(family, 'rows');
    this.ops += writeRow(this, family, row);
    this.cells += family.schema.labelNames.length + (family.kind === 'histogram' ? family.schema.bounds.length : 0) + 2;
    if (family.schema.sketch !== undefined) this.cells += sketchCells(row);
    this.bytes.byte(COMMA);
  }

  exemplar(family: FamilyDelta, exemplar: ExemplarDelta): void {
    this.#open(family, 'exemplars');
    writeExemplar(this, family, exemplar);
    this.cells += exemplarCells(family.schema, exemplar);
    this.bytes.byte(COMMA);
  }

  removed(family: FamilyDelta, labelValues: LabelValues): void {
    this.#open(family, 'removed');
    writeRemoved(this, family, labelValues);
    this.cells += family.schema.labelNames.length + 2;
    this.bytes.byte(COMMA);
  }

  /** Names a family of which there is nothing to tell but its schema. */
  mention(family: FamilyDelta): void {
    this.#open(family, undefined);
  }

  /** Takes the last row, removed label set or mention back, of several. What follows can only be `finish`. */
  takeBack(): void {
    const { bytes, strings, cells, ops, family, list } = this.#before;
    // Whatever came before ended in a comma, which a closing bracket may have taken the place of.
    this.bytes.truncate(bytes - 1);
    this.bytes.byte(COMMA);
    this.strings.truncate(strings);
    this.cells = cells;
    this.ops = ops;
    this.items--;
    this.#family = family;
    this.#list = list;
  }

  /** The whole document. */
  finish(header: Omit<Batch, 'families'>): Buffer {
    this.#closeFamily();
    this.bytes.close(CLOSE_LIST);
    this.bytes.byte(CLOSE_OBJECT);
    const head = `${headerText(header).slice(0, -1)},"strings":[`;
    return Buffer.concat([Buffer.from(head), this.strings.bytes, Buffer.from('],"families":['), this.bytes.bytes]);
  }

  #open(family: FamilyDelta, list: List | undefined): void {
    const before = this.#before;
    before.bytes = this.bytes.length;
    before.strings = this.strings.length;
    before.cells = this.cells;
    before.ops = this.ops;
    before.family = this.#family;
    before.list = this.#list;
    this.items++;
    if (family !== this.#family || ORDER.indexOf(list) < ORDER.indexOf(this.#list)) {
      this.#closeFamily();
      this.#family = family;
      this.bytes.text(`{"kind":"${family.kind}","schema":${schemaText(family.schema)},`);
    }
    if (list === this.#list) return;
    this.#closeList();
    this.#list = list;
    this.bytes.text(`"${list}":[`);
  }

  #closeList(): void {
    if (this.#list === undefined) return;
    this.bytes.close(CLOSE_LIST);
    this.bytes.byte(COMMA);
    this.#list = undefined;
  }

  #closeFamily(): void {
    if (this.#family === undefined) return;
    this.#closeList();
    this.bytes.close(CLOSE_OBJECT);
    this.bytes.byte(COMMA);
    this.#family = undefined;
  }
}

/** Field by field, so that nothing travels that is not of the format. */
export function headerText({
  producer,
  seq,
  oldest,
  heartbeat,
  ops,
  produced,
  dropped,
  whole,
  wholeFrom,
  goodbye,
  onBehalf,
}: Omit<Batch, 'families'>): string {
  const { job, instance, worker, boot } = producer;
  const identity = { job, instance, worker, boot };
  const totals = { ops, produced, dropped };
  return JSON.stringify({
    version: BATCH_VERSION,
    producer: identity,
    seq,
    oldest,
    heartbeat,
    ...totals,
    whole,
    wholeFrom,
    goodbye,
    onBehalf,
  });
}

/** What is empty or stands for itself is left out. */
function schemaText(schema: FamilyDelta['schema']): string {
  const { name, help, unit, divisor, labelNames, bounds, states, merge, sketch, quantiles, window } = schema;
  return JSON.stringify({
    name,
    help,
    unit: unit === '' ? undefined : unit,
    divisor: divisor === 1 ? undefined : divisor,
    labelNames,
    bounds: bounds.length === 0 ? undefined : bounds,
    states: states.length === 0 ? undefined : states,
    merge,
    sketch: sketch && { maxBuckets: sketch.maxBuckets, zeroThreshold: sketch.zeroThreshold },
    quantiles,
    window: window && { duration: window.duration, slices: window.slices },
  });
}
