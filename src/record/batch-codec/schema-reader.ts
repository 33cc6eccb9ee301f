import type { FamilySchema, SketchSchema } from '../batch.js';
import type { BatchLimits } from '../batch-limits.js';
import type { MetricKind } from '../recorded.js';
import { FieldCursor } from './field-cursor.js';
import type { JsonReader } from './json-reader.js';
import type { RowRefusal } from './refused-rows.js';

const FIELDS = ['name', 'help', 'unit', 'divisor', 'labelNames', 'bounds', 'states', 'merge', 'sketch', 'quantiles', 'window'] as const;
const SKETCH_FIELDS = ['maxBuckets', 'zeroThreshold'] as const;
const WINDOW_FIELDS = ['duration', 'slices'] as const;

type Merge = NonNullable<FamilySchema['merge']>;

/** What can declare it. */
const MERGES: ReadonlyMap<string, MetricKind> = new Map<Merge, MetricKind>([
  ['sum', 'gauge'],
  ['min', 'gauge'],
  ['max', 'gauge'],
  ['avg', 'gauge'],
  ['mostrecent', 'gauge'],
  ['all', 'gauge'],
  ['livesum', 'gauge'],
  ['livemin', 'gauge'],
  ['livemax', 'gauge'],
  ['liveavg', 'gauge'],
  ['livemostrecent', 'gauge'],
  ['liveall', 'gauge'],
  ['state', 'enum'],
  ['count', 'enum'],
]);

/** Characters of schemas that are kept, all together. */
const MAX_KEPT = 4 * 1024 * 1024;

/**
 * Reads schemas, and hands out the same object for the same text: a producer sends its schemas again with each batch, and whoever applies them
 * recognizes what it has checked by the object.
 */
export class SchemaReader {
  readonly #limits: BatchLimits;
  readonly #known = new Map<string, FamilySchema>();
  #kept = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** The schema that comes next, or why it can't be taken. */
  read(reader: JsonReader): FamilySchema | RowRefusal {
    const start = reader.position;
    reader.skip();
    const end = reader.position;
    const text = reader.text(start, end);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    reader.seek(start);
    const schema = this.#parse(reader);
    reader.seek(end);
    if (typeof schema !== 'string') this.#keep(text, schema);
    return schema;
  }

  #keep(text: string, schema: FamilySchema): void {
    this.#kept += text.length;
    if (this.#kept > MAX_KEPT) {
      this.#known.clear();
      this.#kept = text.length;
    }
    this.#known.set(text, schema);
  }

  #parse(reader: JsonReader): FamilySchema | RowRefusal {
    if (!reader.enterObject()) return 'malformed';
    const texts: { [K in 'name' | 'help' | 'unit' | 'merge']?: string } = {};
    const lists: { [K in 'labelNames' | 'states']?: readonly string[] } = {};
    let bounds: readonly number[] | undefined = [];
    let divisor: number | undefined = 1;
    let quantiles: readonly number[] | undefined;
    let sketch: SketchSchema | undefined;
    let window: FamilySchema['window'];
    const fields = new FieldCursor(reader, FIELDS);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      if (field === 'divisor') {
        divisor = reader.number();
        if (divisor === undefined || !Number.isFinite(divisor) || divisor <= 0) return 'malformed';
      } else if (field === 'bounds') {
        bounds = this.#bounds(reader);
        if (bounds === undefined) return 'bounds_invalid';
      } else if (field === 'quantiles') {
        quantiles = this.#numbers(reader);
        if (quantiles === undefined) return 'malformed';
      } else if (field === 'sketch') {
        sketch = numberFields(reader, SKETCH_FIELDS);
        if (sketch === undefined) return 'malformed';
      } else if (field === 'window') {
        window = numberFields(reader, WINDOW_FIELDS);
        if (window === undefined) return 'malformed';
      } else if (field === 'labelNames' || field === 'states') {
        const list = this.#list(reader, field);
        if (typeof list === 'string') return list;
        lists[field] = list;
      } else {
        const text = reader.string();
        if (text === undefined || (field !== 'help' && text.length > this.#limits.stringLength)) return 'malformed';
        texts[field] = text;
      }
    }
    const { name, help, unit = '', merge } = texts;
    const { labelNames, states = [] } = lists;
    if (fields.repeated !== undefined || name === undefined || help === undefined || labelNames === undefined) return 'malformed';
    if (merge !== undefined && !isMerge(merge)) return 'malformed';
    return {
      ...{ name, help: cut(help, this.#limits.stringLength), unit, divisor, labelNames, bounds, states },
      ...(merge !== undefined && { merge }),
      ...(sketch !== undefined && { sketch }),
      ...(quantiles !== undefined && { quantiles }),
      ...(window !== undefined && { window }),
    };
  }

  #list(reader: JsonReader, field: 'labelNames' | 'states'): readonly string[] | RowRefusal {
    if (!reader.enterList()) return 'malformed';
    const list: string[] = [];
    while (reader.nextElement(list.length)) {
      if (field === 'labelNames' && list.length === this.#limits.labels) return 'labels_limit';
      const text = reader.string();
      if (text === undefined || text.length > this.#limits.stringLength || list.length === this.#limits.buckets) return 'malformed';
      list.push(text);
    }
    return list;
  }

  #bounds(reader: JsonReader): readonly number[] | undefined {
    const bounds = this.#numbers(reader);
    return bounds?.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!)) === true ? bounds : undefined;
  }

  #numbers(reader: JsonReader): readonly number[] | undefined {
    const numbers = new Float64Array(this.#limits.buckets);
    const length = reader.numbers(numbers);
    return length === undefined ? undefined : [...numbers.subarray(0, length)];
  }
}

/** An object of these numbers; undefined if one is missing. */
function numberFields<K extends string>(reader: JsonReader, names: readonly K[]): Record<K, number> | undefined {
  const numbers: Partial<Record<K, number>> = {};
  if (!reader.enterObject()) return undefined;
  const fields = new FieldCursor(reader, names);
  for (let field = fields.next(); field !== undefined; field = fields.next()) {
    const value = reader.number();
    if (value === undefined || !Number.isFinite(value)) return undefined;
    numbers[field] = value;
  }
  return names.every((name) => numbers[name] !== undefined) ? (numbers as Record<K, number>) : undefined;
}

/** Whether families of this kind can merge as the schema declares. */
export function mergeFits(kind: MetricKind, { merge }: FamilySchema): boolean {
  return merge === undefined || MERGES.get(merge) === kind;
}

function isMerge(text: string): text is Merge {
  return MERGES.has(text);
}

/** A help text may be long, and is no reason to lose measurements. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : Buffer.from(text.slice(0, length)).toString();
}
