import { JsonFault } from './batch-codec/json-scanner.js';
import type { DecodedRecord, DecodedRecords, RecordHead, RecordRefusal } from './decoded-record.js';
import { normalizeRecordLimits, type RecordLimits } from './record-limits.js';
import { type RawValue, RecordReader } from './record-reader.js';
import type { MetricKind } from './recorded.js';

/** Heads that are recognized. */
const MAX_HEADS = 10_000;
/** Bytes of a head that is worth recognizing. */
const MAX_HEAD_BYTES = 1024;

/** Operations of each kind that take a number. */
const NUMERIC: Readonly<Partial<Record<MetricKind, readonly string[]>>> = {
  counter: ['inc'],
  gauge: ['inc', 'dec', 'set'],
  histogram: ['observe'],
  summary: ['observe'],
};

/**
 * Decodes records as Python phanos and `ImpProfHandler` send them, from anybody: a JSON array of records, or a single record as before Python phanos
 * 0.3. To be kept: most records differ from one that came before in their value alone, and what is recognized costs a fifth.
 *
 * What comes out has the types that it claims to have, and label names that Prometheus allows. Never throws.
 */
export class RecordsDecoder {
  readonly #limits: RecordLimits;
  /** By the bytes in front of the value: the same bytes say the same. */
  readonly #heads = new Map<string, RecordHead>();

  /** Throws a TypeError or RangeError for a limit that is unknown or no whole number of 1 or more. */
  constructor(limits: Partial<RecordLimits> = {}) {
    this.#limits = normalizeRecordLimits(limits);
  }

  decode(body: Uint8Array): DecodedRecords {
    const { bytes } = this.#limits;
    if (body.byteLength > bytes) return poison(`it has ${body.byteLength} bytes, where ${bytes} are allowed`);
    try {
      return this.#read(new RecordReader(body, this.#limits));
    } catch (error) {
      if (error instanceof JsonFault) return poison(error.message);
      throw error;
    }
  }

  #read(reader: RecordReader): DecodedRecords {
    const records: DecodedRecord[] = [];
    const refused = new Map<RecordRefusal, number>();
    const take = (): void => {
      const record = this.#record(reader);
      if (typeof record === 'string') refused.set(record, (refused.get(record) ?? 0) + 1);
      else records.push(record);
    };
    if (reader.isAtObject) take();
    else if (!reader.isAtList) return poison('it is neither a list of records nor a record');
    else {
      reader.enterList();
      for (let i = 0; reader.nextElement(i); i++) {
        if (i === this.#limits.records) return poison(`it has more than ${i} records`);
        take();
      }
    }
    reader.end();
    return { records, refused, fault: undefined };
  }

  #record(reader: RecordReader): DecodedRecord | RecordRefusal {
    if (!reader.isAtObject) {
      reader.skip();
      return 'malformed';
    }
    const start = reader.position;
    const end = reader.findHeadEnd();
    const head = end - start > MAX_HEAD_BYTES ? undefined : this.#heads.get(reader.text(start, end));
    const value = head === undefined ? undefined : reader.valueBehind(end);
    if (head !== undefined && value !== undefined) return checked(head, value);
    const read = reader.record();
    if (typeof read === 'string') return read;
    if (read.headEnd === end && end - start <= MAX_HEAD_BYTES) this.#keep(reader.text(start, end), read.head);
    return checked(read.head, read.value);
  }

  #keep(text: string, head: RecordHead): void {
    if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
    this.#heads.set(text, head);
  }
}

/** The record, if the operation is one of its kind and takes the value. */
function checked(head: RecordHead, { operation, value }: RawValue): DecodedRecord | RecordRefusal {
  const { metric } = head;
  if (NUMERIC[metric]?.includes(operation) === true) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return typeof value === 'string' ? value : 'value_invalid';
    if (metric === 'counter' && value < 0) return 'value_invalid';
    return { head, operation: operation as 'dec' | 'inc' | 'observe' | 'set', value };
  }
  if (metric === 'enum' && operation === 'state') {
    if (isText(value)) return { head, operation, value: value.text };
    return typeof value === 'string' ? value : 'value_invalid';
  }
  if (metric === 'info' && operation === 'info') {
    if (Array.isArray(value)) return { head, operation, value };
    return typeof value === 'string' ? value : 'value_invalid';
  }
  return 'operation_unknown';
}

function isText(value: RawValue['value']): value is { readonly text: string } {
  return typeof value === 'object' && value !== null && 'text' in value;
}

function poison(fault: string): DecodedRecords {
  return { records: [], refused: new Map(), fault };
}
