import type { Batch, ProducerIdentity } from '../batch.js';
import { batchFault } from './batch-fault.js';
import { FamilyReader, type ReadingTools } from './family-reader.js';
import { FieldCursor } from './field-cursor.js';
import { BATCH_VERSION } from './part-writer.js';
import type { RefusedRows } from './refused-rows.js';
import type { Strings } from './row-reader.js';

const REQUIRED = [
  'producer',
  'seq',
  'oldest',
  'heartbeat',
  'ops',
  'produced',
  'dropped',
  'whole',
  'goodbye',
  'strings',
  'families',
] as const;
const FIELDS = ['version', ...REQUIRED, 'wholeFrom', 'onBehalf'] as const;
const IDENTITY = ['job', 'instance', 'worker', 'boot'] as const;

type Field = (typeof FIELDS)[number];

/** The batch as far as it was read. */
type Draft = { -readonly [K in keyof Batch]?: Batch[K] } & { strings?: Strings };

/** Reads one document. Throws for a fault of the batch as a whole. */
export class DocumentReader {
  readonly #tools: ReadingTools;
  readonly #draft: Draft = {};
  #refused: readonly RefusedRows[] = [];

  constructor(tools: ReadingTools) {
    this.#tools = tools;
  }

  read(): Batch & { readonly refused: readonly RefusedRows[] } {
    const { reader, where } = this.#tools;
    this.#checkVersion();
    reader.enterObject();
    const fields = new FieldCursor(reader, FIELDS);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      where.path = field;
      this.#readField(field);
      where.path = '';
    }
    reader.end();
    if (fields.repeated !== undefined) throw batchFault(fields.repeated, 'the field comes more than once');
    return this.#batch();
  }

  /** What another version means by its fields nobody can know, so this comes first, wherever it stands. */
  #checkVersion(): void {
    const { reader } = this.#tools;
    if (!reader.enterObject()) throw batchFault('', 'it is no JSON object');
    if (new FieldCursor(reader, ['version']).next() === undefined) throw batchFault('version', 'the field is missing');
    const version = reader.number();
    if (version !== BATCH_VERSION) {
      const which = version === undefined ? 'no number' : `version ${version}`;
      const remedy = 'let producer and collector run releases of phanos that fit together';
      throw batchFault('version', `${which}, where only version ${BATCH_VERSION} is understood; ${remedy}`);
    }
    reader.seek(0);
  }

  #readField(field: Field): void {
    const { reader } = this.#tools;
    switch (field) {
      case 'version':
        reader.skip();
        break;
      case 'producer':
        this.#draft.producer = this.#producer();
        break;
      case 'whole':
      case 'goodbye':
      case 'onBehalf':
        this.#draft[field] = this.#expect(reader.boolean(), 'true or false');
        break;
      case 'strings':
        this.#draft.strings = this.#strings();
        break;
      case 'families': {
        const { strings } = this.#draft;
        if (strings === undefined) throw batchFault('families', 'strings must come before families');
        const families = new FamilyReader(this.#tools, strings);
        this.#draft.families = families.read();
        this.#refused = families.refused;
        break;
      }
      default: {
        const value = reader.number();
        const isWhole = value !== undefined && Number.isSafeInteger(value) && value >= 0;
        this.#draft[field] = this.#expect(isWhole ? value : undefined, 'a whole number of 0 or more');
      }
    }
  }

  #expect<T>(value: T | undefined, expected: string): T {
    if (value === undefined) throw batchFault(this.#tools.where.path, `expected ${expected}`);
    return value;
  }

  #producer(): ProducerIdentity {
    const { reader, limits, where } = this.#tools;
    const identity: { -readonly [K in keyof ProducerIdentity]?: string } = {};
    if (!reader.enterObject()) throw batchFault('producer', 'expected an object');
    const fields = new FieldCursor(reader, IDENTITY);
    for (let field = fields.next(); field !== undefined; field = fields.next()) {
      where.path = `producer.${field}`;
      const text = this.#expect(reader.string(), 'a string');
      if (text.length > limits.stringLength) throw batchFault(where.path, `more than ${limits.stringLength} characters`);
      identity[field] = text;
    }
    if (fields.repeated !== undefined) throw batchFault(`producer.${fields.repeated}`, 'the field comes more than once');
    const missing = IDENTITY.find((field) => identity[field] === undefined);
    if (missing !== undefined) throw batchFault(`producer.${missing}`, 'the field is missing');
    return identity as ProducerIdentity;
  }

  #strings(): Strings {
    const { strings: most, stringLength } = this.#tools.limits;
    const strings: (string | undefined)[] = this.#expect(this.#tools.reader.strings(most), 'a list of strings');
    for (let i = 0; i < strings.length; i++) if (strings[i]!.length > stringLength) strings[i] = undefined;
    return strings;
  }

  #batch(): Batch & { readonly refused: readonly RefusedRows[] } {
    const missing = REQUIRED.find((field) => this.#draft[field] === undefined);
    if (missing !== undefined) throw batchFault(missing, 'the field is missing');
    const { strings: _, ...batch } = this.#draft as Batch & { readonly strings: Strings };
    const { seq, oldest, whole, wholeFrom, families } = batch;
    const isEmpty = families.length === 0 && this.#refused.length === 0;
    if (seq === 0 && !isEmpty) throw batchFault('seq', 'batches with families are numbered from 1');
    if (oldest < 1 || oldest > seq + 1) throw batchFault('oldest', `expected 1 to ${seq + 1}, as seq is ${seq}`);
    const isFrom = wholeFrom === undefined || (whole && wholeFrom >= 1 && wholeFrom <= seq);
    if (!isFrom) throw batchFault('wholeFrom', `expected 1 to ${seq}, in a batch that is whole`);
    return { ...batch, refused: this.#refused };
  }
}
