import type { Batch, FamilyDelta, FamilySchema, LabelValues, ProducerIdentity, RowOfKind } from '../batch.js';
import type { BatchLimits } from '../batch-limits.js';
import type { MetricKind } from '../recorded.js';
import { batchFault } from './batch-fault.js';
import { FieldCursor } from './field-cursor.js';
import type { JsonReader } from './json-reader.js';
import { BATCH_VERSION } from './part-writer.js';
import { RefusalTally, type RefusedRows, type RowRefusal } from './refused-rows.js';
import { cellsOf, type RowReader, removedReader, rowReader, type Strings } from './row-reader.js';
import { mergeFits, type SchemaReader } from './schema-reader.js';

const TOTALS = ['seq', 'oldest', 'heartbeat', 'ops', 'produced', 'dropped'] as const;
const TOP = ['version', 'producer', ...TOTALS, 'whole', 'wholeFrom', 'goodbye', 'strings', 'families'] as const;
const IDENTITY = ['job', 'instance', 'worker', 'boot'] as const;
const FAMILY = ['kind', 'schema', 'rows', 'removed'] as const;
const KINDS: ReadonlySet<string> = new Set<MetricKind>(['counter', 'enum', 'gauge', 'histogram', 'info', 'summary']);

type Totals = { [K in (typeof TOTALS)[number] | 'wholeFrom']?: number };
interface Flags {
  whole?: boolean;
  goodbye?: boolean;
}

/** Reads one document. A fault of the whole batch throws; families and rows that make no sense are left out and counted. */
export class DocumentReader {
  /** What is being read. */
  path = '';
  readonly #reader: JsonReader;
  readonly #limits: BatchLimits;
  readonly #schemas: SchemaReader;
  readonly #numbers: Float64Array;
  readonly #refused = new RefusalTally();
  readonly #totals: Totals = {};
  readonly #flags: Flags = {};
  #producer: ProducerIdentity | undefined;
  #strings: Strings | undefined;
  #families: FamilyDelta[] | undefined;
  #rows = 0;
  #cells = 0;

  /** @param numbers takes those of one row at a time; a longer row is refused */
  constructor(reader: JsonReader, limits: BatchLimits, schemas: SchemaReader, numbers: Float64Array) {
    this.#reader = reader;
    this.#limits = limits;
    this.#schemas = schemas;
    this.#numbers = numbers;
  }

  read(): Batch & { readonly refused: readonly RefusedRows[] } {
    this.#checkVersion();
    const reader = this.#reader;
    reader.enterObject();
    const fields = new FieldCursor(reader, TOP);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      this.path = field;
      this.#readField(field);
    }
    reader.end();
    if (fields.repeated !== undefined) throw batchFault(fields.repeated, 'the field comes more than once');
    return this.#batch();
  }

  /** What another version means by its fields nobody can know, so this comes first, wherever it stands. */
  #checkVersion(): void {
    const reader = this.#reader;
    if (!reader.enterObject()) throw batchFault('', 'it is no JSON object');
    if (new FieldCursor(reader, ['version']).next() === undefined) throw batchFault('version', 'the field is missing');
    const version = reader.number();
    if (version !== BATCH_VERSION) {
      const which = version === undefined ? 'no number' : `version ${version}`;
      throw batchFault(
        'version',
        `${which}, where only version ${BATCH_VERSION} is understood; let producer and collector run compatible releases of phanos`,
      );
    }
    reader.seek(0);
  }

  #readField(field: (typeof TOP)[number]): void {
    switch (field) {
      case 'version':
        this.#reader.skip();
        break;
      case 'producer':
        this.#readProducer();
        break;
      case 'whole':
      case 'goodbye':
        this.#flags[field] = this.#expect(this.#reader.boolean(), 'true or false');
        break;
      case 'strings':
        this.#readStrings();
        break;
      case 'families':
        this.#readFamilies();
        break;
      default:
        this.#totals[field] = this.#whole();
    }
  }

  #whole(): number {
    const value = this.#reader.number();
    return this.#expect(Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined, 'a whole number of 0 or more');
  }

  #expect<T>(value: T | undefined, expected: string): T {
    if (value === undefined) throw batchFault(this.path, `expected ${expected}`);
    return value;
  }

  #readProducer(): void {
    const identity: { -readonly [K in keyof ProducerIdentity]?: string } = {};
    if (!this.#reader.enterObject()) throw batchFault('producer', 'expected an object');
    const fields = new FieldCursor(this.#reader, IDENTITY);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      this.path = `producer.${field}`;
      const text = this.#expect(this.#reader.string(), 'a string');
      const { stringLength } = this.#limits;
      if (text.length > stringLength) throw batchFault(this.path, `${text.length} characters, where ${stringLength} are allowed`);
      identity[field] = text;
    }
    if (fields.repeated !== undefined) throw batchFault(`producer.${fields.repeated}`, 'the field comes more than once');
    const missing = IDENTITY.find((field) => identity[field] === undefined);
    if (missing !== undefined) throw batchFault(`producer.${missing}`, 'the field is missing');
    this.#producer = identity as ProducerIdentity;
  }

  #readStrings(): void {
    const { strings: most, stringLength } = this.#limits;
    const strings: (string | undefined)[] = this.#expect(this.#reader.strings(most), 'a list of strings');
    for (let i = 0; i < strings.length; i++) if (strings[i]!.length > stringLength) strings[i] = undefined;
    this.#strings = strings;
  }

  #readFamilies(): void {
    const reader = this.#reader;
    const families: FamilyDelta[] = [];
    const strings = this.#strings;
    if (strings === undefined) throw batchFault('families', 'strings must come before families');
    if (!reader.enterList()) throw batchFault('families', 'expected a list');
    for (let i = 0; reader.nextElement(i); i++) {
      if (i === this.#limits.families) throw batchFault('families', `more than ${i} of them`);
      this.path = `families[${i}]`;
      const family = this.#family(strings, this.path);
      if (family !== undefined) families.push(family);
    }
    this.#families = families;
  }

  #family(strings: Strings, path: string): FamilyDelta | undefined {
    const reader = this.#reader;
    if (!reader.enterObject()) return this.#refuse('', 'malformed', path);
    let kind: string | undefined;
    let schema: FamilySchema | RowRefusal = 'malformed';
    let rows: RowOfKind[MetricKind][] | undefined = [];
    let removed: LabelValues[] | undefined = [];
    let left = 0;
    const fields = new FieldCursor(reader, FAMILY);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      if (field === 'kind') kind = reader.string();
      else if (field === 'schema') schema = this.#schemas.read(reader);
      else if (typeof schema === 'string' || !isKind(kind)) left += this.#passRows(`${path}.${field}`);
      else if (field === 'rows') {
        rows = this.#list(rowReader(kind, schema, strings, this.#limits), cellsOf(kind, schema), schema.name, `${path}.rows`);
      } else removed = this.#list(removedReader(schema, strings), schema.labelNames.length + 2, schema.name, `${path}.removed`);
    }
    if (typeof schema === 'string') return this.#refuse('', schema, path, left);
    const isWhole = isKind(kind) && mergeFits(kind, schema) && fields.repeated === undefined && left === 0;
    if (!isWhole || rows === undefined || removed === undefined) {
      return this.#refuse(schema.name, 'malformed', path, left + (rows?.length ?? 0) + (removed?.length ?? 0));
    }
    return { kind, schema, rows, removed } as unknown as FamilyDelta;
  }

  /** Reads the elements that make sense, and counts the others; undefined if there is no list at all. */
  #list<Row extends object>(read: RowReader<Row>, cells: number, family: string, path: string): Row[] | undefined {
    const reader = this.#reader;
    if (!reader.enterList()) return undefined;
    this.path = path;
    const rows: Row[] = [];
    for (let i = 0; reader.nextElement(i); i++) {
      this.#take(cells);
      const length = reader.numbers(this.#numbers);
      const row = length === undefined ? 'malformed' : read(this.#numbers, length);
      if (typeof row === 'string') this.#refused.count(family, row, 1, path, i);
      else rows.push(row);
    }
    return rows;
  }

  /** Reads over the rows of a family that can't be taken. Returns how many there are, 1 if they are no list. */
  #passRows(path: string): number {
    if (!this.#reader.enterList()) return 1;
    this.path = path;
    let count = 0;
    for (; this.#reader.nextElement(count); count++) {
      this.#take(0);
      this.#reader.skip();
    }
    return count;
  }

  /** Throws when the batch makes its reader hold too much. */
  #take(cells: number): void {
    const { rows, cells: mostCells } = this.#limits;
    this.#rows++;
    this.#cells += cells;
    if (this.#rows > rows) throw batchFault(this.path, `more than ${rows} rows in the batch`);
    if (this.#cells > mostCells) throw batchFault(this.path, `more than ${mostCells} label values, numbers and buckets in the batch`);
  }

  #refuse(family: string, reason: RowRefusal, path: string, rows = 0): undefined {
    this.#refused.count(family, reason, Math.max(1, rows), path);
  }

  #batch(): Batch & { readonly refused: readonly RefusedRows[] } {
    const missing = TOP.find((field) => field !== 'wholeFrom' && !this.#has(field));
    if (missing !== undefined) throw batchFault(missing, 'the field is missing');
    const { seq, oldest, wholeFrom, ...totals } = this.#totals as Required<Omit<Totals, 'wholeFrom'>> & Pick<Totals, 'wholeFrom'>;
    const { whole, goodbye } = this.#flags as Required<Flags>;
    const families = this.#families as FamilyDelta[];
    if (seq === 0 && (families.length > 0 || this.#refused.all.length > 0))
      throw batchFault('seq', 'batches with families are numbered from 1');
    if (oldest < 1 || oldest > seq + 1) throw batchFault('oldest', `expected 1 to ${seq + 1}, as seq is ${seq}`);
    const hasFrom = wholeFrom !== undefined;
    if (hasFrom && (!whole || wholeFrom < 1 || wholeFrom > seq))
      throw batchFault('wholeFrom', `expected 1 to ${seq}, in a batch that is whole`);
    const producer = this.#producer as ProducerIdentity;
    const refused = this.#refused.all;
    return { producer, seq, oldest, ...totals, whole, ...(hasFrom && { wholeFrom }), goodbye, families, refused };
  }

  #has(field: (typeof TOP)[number]): boolean {
    if (field === 'version') return true;
    if (field === 'producer') return this.#producer !== undefined;
    if (field === 'strings') return this.#strings !== undefined;
    if (field === 'families') return this.#families !== undefined;
    if (field === 'whole' || field === 'goodbye') return this.#flags[field] !== undefined;
    return this.#totals[field] !== undefined;
  }
}

function isKind(kind: string | undefined): kind is MetricKind {
  return kind !== undefined && KINDS.has(kind);
}
