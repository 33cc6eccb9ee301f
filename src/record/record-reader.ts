import { FieldCursor } from './batch-codec/field-cursor.js';
import { JsonReader } from './batch-codec/json-reader.js';
import { isDigit, LOWER_F, LOWER_T, MINUS, OPEN_LIST, OPEN_OBJECT, QUOTE } from './batch-codec/json-scanner.js';
import type { InfoPair, RecordHead, RecordRefusal } from './decoded-record.js';
import { labelNameFault } from './names.js';
import type { RecordLimits } from './record-limits.js';
import type { MetricKind } from './recorded.js';

const FIELDS = ['item', 'metric', 'units', 'job', 'method', 'labels', 'value'] as const;
const TEXTS = ['item', 'metric', 'units', 'job', 'method'] as const;
const KINDS: ReadonlySet<string> = new Set<MetricKind>(['counter', 'enum', 'gauge', 'histogram', 'info', 'summary']);

/** Characters of a part of an identity, which a job becomes. */
const MAX_JOB = 256;

/** What stands in front of the value where the value comes last, as every sender writes it. */
const VALUE_KEY = Buffer.from('"value":[');

/** Operation and value as they came; whether they fit the kind is not looked at. */
export interface RawValue {
  readonly operation: string;
  /** Null for what no operation takes, JSON's null included; a reason for pairs that are none. */
  readonly value: RecordRefusal | number | null | { readonly text: string } | readonly InfoPair[];
}

export interface ReadRecord {
  readonly head: RecordHead;
  readonly value: RawValue;
  /** Behind the fields apart from the value, if the value comes last; else -1. */
  readonly headEnd: number;
}

/** Reads the records of one message from the front to the back, field by field. What is no JSON throws a `JsonFault`. */
export class RecordReader extends JsonReader {
  readonly #limits: RecordLimits;
  /** Where the search for the end of a head last ended: a body without any must not be searched again for each of its records. */
  #nextHeadEnd = 0;

  constructor(body: Uint8Array, limits: RecordLimits) {
    super(body);
    this.#limits = limits;
  }

  get isAtObject(): boolean {
    return this.peek() === OPEN_OBJECT;
  }

  get isAtList(): boolean {
    return this.peek() === OPEN_LIST;
  }

  /** Where the head of the record that begins here would end; far away if there is none. */
  findHeadEnd(): number {
    if (this.#nextHeadEnd < this.at) {
      const found = this.bytes.indexOf(VALUE_KEY, this.at);
      this.#nextHeadEnd = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#nextHeadEnd;
  }

  /**
   * The value of the record whose head ends at this position, read to the end of the record; undefined, with nothing read, if something follows the value.
   */
  valueBehind(headEnd: number): RawValue | undefined {
    const start = this.at;
    this.at = headEnd + VALUE_KEY.length - 1;
    const value = this.#value();
    if (value !== undefined && this.nextKey(1) === undefined) return value;
    this.at = start;
    return undefined;
  }

  /** The record that begins here, or why it is none. */
  record(): ReadRecord | RecordRefusal {
    if (!this.enterObject()) return 'malformed';
    const cursor = new FieldCursor(this, FIELDS);
    const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
    let labels: Labels | RecordRefusal = 'malformed';
    let value: RawValue | undefined;
    let valueAt = -1;
    for (let key = cursor.next(); key !== undefined; key = cursor.next()) {
      if (key === 'labels') labels = this.#labels();
      else if (key === 'value') {
        valueAt = this.at;
        value = this.#value();
        continue;
      } else {
        const text = this.string();
        if (text !== undefined) texts[key] = text;
      }
      valueAt = -1;
    }
    const { item, metric, units, job, method } = texts;
    if (item === undefined || metric === undefined || units === undefined || job === undefined || method === undefined) return 'malformed';
    if (value === undefined || cursor.repeated !== undefined) return 'malformed';
    if (typeof labels === 'string') return labels;
    if (!isKind(metric)) return 'kind_unknown';
    if (job.length > MAX_JOB || [item, units, method].some(({ length }) => length > this.#limits.textLength)) return 'text_limit';
    const headEnd = valueAt === -1 ? -1 : valueAt - VALUE_KEY.length + 1;
    return { head: { item, metric, units, job, method, ...labels }, value, headEnd };
  }

  #labels(): Labels | RecordRefusal {
    if (!this.enterObject()) return 'malformed';
    const pairs = this.#pairs(isLabel);
    if (typeof pairs === 'string') return pairs;
    const own = pairs.filter(([name]) => name !== ERROR_RAISED);
    const error = pairs.find(([name]) => name === ERROR_RAISED)?.[1].toLowerCase();
    if (error !== undefined && error !== 'true' && error !== 'false') return 'labels_invalid';
    return {
      labelNames: own.map(([name]) => name),
      labelValues: own.map(([, value]) => value),
      errorRaised: error === undefined ? undefined : error === 'true',
    };
  }

  /** `[operation, value]`, undefined if there is nothing like that. */
  #value(): RawValue | undefined {
    if (!this.enterList() || !this.nextElement(0)) return undefined;
    const operation = this.string();
    const value = this.nextElement(1) ? this.#operand() : undefined;
    let length = 2;
    if (value !== undefined) for (; this.nextElement(length); length++) this.skip();
    return operation === undefined || value === undefined || length > 2 ? undefined : { operation, value };
  }

  #operand(): RawValue['value'] {
    const first = this.peek();
    if (first === MINUS || isDigit(first)) return this.number() ?? null;
    if (first === QUOTE) {
      const text = this.string() ?? '';
      return text.length > this.#limits.textLength ? 'text_limit' : { text };
    }
    if (first === OPEN_OBJECT && this.enterObject()) return this.#pairs((name) => labelNameFault(name) === undefined);
    this.skip();
    return null;
  }

  /** Names and texts of the object that was entered, or why they can't be taken; the object is read to its end. */
  #pairs(isName: (name: string) => boolean): InfoPair[] | RecordRefusal {
    const pairs: InfoPair[] = [];
    let refusal: RecordRefusal | undefined;
    let index = 0;
    for (let name = this.nextKey(index); name !== undefined; name = this.nextKey(++index)) {
      if (refusal !== undefined) {
        this.skip();
        continue;
      }
      const key = name;
      const text = this.#text();
      if (text === undefined) refusal = 'labels_invalid';
      else if (!isName(key) || pairs.some(([known]) => known === key)) refusal = 'name_invalid';
      else if (text.length > this.#limits.textLength) refusal = 'text_limit';
      else if (pairs.push([key, text]) > this.#limits.labels) refusal = 'labels_limit';
    }
    return refusal ?? pairs;
  }

  /** A value as a label shows it: numbers as they are written, null as nothing. Undefined for lists and objects. */
  #text(): string | undefined {
    const first = this.peek();
    if (first === QUOTE) return this.string();
    if (first === LOWER_T || first === LOWER_F) return String(this.boolean());
    const start = this.at;
    this.skip();
    if (first === MINUS || isDigit(first)) return this.text(start, this.at);
    return first === OPEN_LIST || first === OPEN_OBJECT ? undefined : '';
  }
}

type Labels = Pick<RecordHead, 'errorRaised' | 'labelNames' | 'labelValues'>;

const ERROR_RAISED = 'error_raised';

function isLabel(name: string): boolean {
  return name === ERROR_RAISED || labelNameFault(name) === undefined;
}

function isKind(metric: string): metric is MetricKind {
  return KINDS.has(metric);
}
