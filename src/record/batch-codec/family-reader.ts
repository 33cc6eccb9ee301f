import type { ExemplarDelta, FamilyDelta, FamilySchema, LabelValues, RowOfKind } from '../batch.js';
import type { BatchLimits } from '../batch-limits.js';
import type { MetricKind } from '../recorded.js';
import { batchFault } from './batch-fault.js';
import { FieldCursor } from './field-cursor.js';
import type { JsonReader } from './json-reader.js';
import { RefusalTally, type RefusedRows, type RowRefusal } from './refused-rows.js';
import { cellsOf, exemplarCells, exemplarReader, type RowReader, removedReader, rowReader, type Strings } from './row-reader.js';
import { mergeFits, type SchemaReader } from './schema-reader.js';
import { sketchCells } from './sketch-row.js';

const FIELDS = ['kind', 'schema', 'rows', 'removed', 'exemplars'] as const;
const KINDS: ReadonlySet<string> = new Set<MetricKind>(['counter', 'enum', 'gauge', 'histogram', 'info', 'summary']);

/** Which part of a document is being read, for messages. */
export interface Whereabouts {
  path: string;
}

/** What documents are read with. */
export interface ReadingTools {
  readonly reader: JsonReader;
  readonly limits: BatchLimits;
  readonly schemas: SchemaReader;
  /** Takes the numbers of one row at a time; a longer row is refused. */
  readonly numbers: Float64Array;
  readonly where: Whereabouts;
}

/** Reads the families of one document. Rows and families that make no sense are left out and counted; too many of them throw. */
export class FamilyReader {
  readonly #tools: ReadingTools;
  readonly #strings: Strings;
  readonly #refused = new RefusalTally();
  #rows = 0;
  #cells = 0;

  constructor(tools: ReadingTools, strings: Strings) {
    this.#tools = tools;
    this.#strings = strings;
  }

  get refused(): readonly RefusedRows[] {
    return this.#refused.all;
  }

  read(): FamilyDelta[] {
    const { reader, limits, where } = this.#tools;
    const families: FamilyDelta[] = [];
    if (!reader.enterList()) throw batchFault('families', 'expected a list');
    for (let i = 0; reader.nextElement(i); i++) {
      if (i === limits.families) throw batchFault('families', `more than ${i} of them`);
      where.path = `families[${i}]`;
      const family = this.#family(where.path);
      if (family !== undefined) families.push(family);
    }
    return families;
  }

  #family(path: string): FamilyDelta | undefined {
    const { reader, limits, schemas, where } = this.#tools;
    if (!reader.enterObject()) return this.#refuse('', 'malformed', path);
    let kind: string | undefined;
    let schema: FamilySchema | RowRefusal = 'malformed';
    let rows: RowOfKind[MetricKind][] | undefined = [];
    let removed: LabelValues[] | undefined = [];
    let exemplars: ExemplarDelta[] | undefined;
    let left = 0;
    const fields = new FieldCursor(reader, FIELDS);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      if (field === 'kind') kind = reader.string();
      else if (field === 'schema') schema = schemas.read(reader);
      else if (field === 'exemplars') exemplars = this.#exemplars(kind, schema, path);
      else if (typeof schema === 'string' || !isKind(kind)) left += this.#passRows(`${path}.${field}`);
      else if (field === 'rows') {
        const more = schema.sketch === undefined ? undefined : sketchCells;
        rows = this.#list(rowReader(kind, schema, this.#strings, limits), cellsOf(kind, schema), schema.name, `${path}.rows`, more);
      } else removed = this.#list(removedReader(schema, this.#strings), schema.labelNames.length + 2, schema.name, `${path}.removed`);
      where.path = path;
    }
    if (typeof schema === 'string') return this.#refuse('', schema, path, left);
    const isWhole = isKind(kind) && mergeFits(kind, schema) && fields.repeated === undefined && left === 0;
    if (!isWhole || rows === undefined || removed === undefined) {
      return this.#refuse(schema.name, 'malformed', path, left + (rows?.length ?? 0) + (removed?.length ?? 0));
    }
    return { kind, schema, rows, removed, ...(exemplars !== undefined && { exemplars }) } as unknown as FamilyDelta;
  }

  /** Exemplars are no measurements: what of them makes no sense is counted, and takes nothing else with it. */
  #exemplars(kind: string | undefined, schema: FamilySchema | RowRefusal, path: string): ExemplarDelta[] | undefined {
    const { limits } = this.#tools;
    if (typeof schema !== 'string' && (kind === 'counter' || kind === 'histogram')) {
      const read = exemplarReader(schema, this.#strings, limits);
      const cells = (exemplar: ExemplarDelta): number => exemplarCells(schema, exemplar);
      const exemplars = this.#list(read, 0, schema.name, `${path}.exemplars`, cells);
      if (exemplars !== undefined) return exemplars;
      return this.#refuse(schema.name, 'exemplar_invalid', `${path}.exemplars`);
    }
    return this.#refuse(typeof schema === 'string' ? '' : schema.name, 'exemplar_invalid', path, this.#passRows(`${path}.exemplars`));
  }

  /** Reads the elements that make sense, and counts the others; undefined if there is no list at all. */
  #list<Row extends object>(
    read: RowReader<Row>,
    cells: number,
    family: string,
    path: string,
    more?: (row: Row) => number,
  ): Row[] | undefined {
    const { reader, numbers, where } = this.#tools;
    if (!reader.enterList()) return undefined;
    where.path = path;
    const rows: Row[] = [];
    for (let i = 0; reader.nextElement(i); i++) {
      this.#take(cells);
      const length = reader.numbers(numbers);
      const row = length === undefined ? 'malformed' : read(numbers, length);
      if (typeof row === 'string') this.#refused.count(family, row, 1, path, i);
      else {
        rows.push(row);
        if (more !== undefined) this.#hold(more(row));
      }
    }
    return rows;
  }

  /** Reads over the rows of a family that can't be taken. Returns how many there are, 1 if they are no list. */
  #passRows(path: string): number {
    const { reader, where } = this.#tools;
    if (!reader.enterList()) return 1;
    where.path = path;
    let count = 0;
    for (; reader.nextElement(count); count++) {
      this.#take(0);
      reader.skip();
    }
    return count;
  }

  /** Throws when the batch makes its reader hold too much. */
  #take(cells: number): void {
    const { limits, where } = this.#tools;
    this.#rows++;
    if (this.#rows > limits.rows) throw batchFault(where.path, `more than ${limits.rows} rows in the batch`);
    this.#hold(cells);
  }

  #hold(cells: number): void {
    const { limits, where } = this.#tools;
    this.#cells += cells;
    if (this.#cells > limits.cells)
      throw batchFault(where.path, `more than ${limits.cells} label values, numbers and buckets in the batch`);
  }

  #refuse(family: string, reason: RowRefusal, path: string, rows = 0): undefined {
    this.#refused.count(family, reason, Math.max(1, rows), path);
  }
}

function isKind(kind: string | undefined): kind is MetricKind {
  return kind !== undefined && KINDS.has(kind);
}
