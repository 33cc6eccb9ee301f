import type { Batch } from './batch.js';
import { batchFault } from './batch-codec/batch-fault.js';
import { DocumentReader } from './batch-codec/document-reader.js';
import { JsonReader } from './batch-codec/json-reader.js';
import { JsonFault } from './batch-codec/json-scanner.js';
import type { RefusedRows } from './batch-codec/refused-rows.js';
import { SchemaReader } from './batch-codec/schema-reader.js';
import { type BatchLimits, normalizeBatchLimits } from './batch-limits.js';

/** Numbers of a row beside its labels and counts. */
const SKETCH_NUMBERS = 10;

/** What a document says that makes sense, and what of it does not. */
export interface DecodedBatch extends Batch {
  /** Rows and families that were left out, by family and reason; at most about 100 entries. */
  readonly refused: readonly RefusedRows[];
}

/**
 * Decodes batches that anybody may have sent, as `encodeBatch` describes them. To be kept: it recognizes the schemas that come with batch after batch.
 *
 * What comes out has the types that it claims to have, well-formed strings, label sets of the right length or none, counts that are whole numbers,
 * bounds that ascend. Whether names are fit for Prometheus, and kinds and units agree with what a collector has, is not looked at.
 */
export class BatchDecoder {
  readonly #limits: BatchLimits;
  readonly #schemas: SchemaReader;
  readonly #numbers: Float64Array;

  /** Throws a TypeError or RangeError for a limit that is unknown or no whole number of 1 or more. */
  constructor(limits: Partial<BatchLimits> = {}) {
    this.#limits = normalizeBatchLimits(limits);
    this.#schemas = new SchemaReader(this.#limits);
    const { labels, buckets, sketchBuckets } = this.#limits;
    this.#numbers = new Float64Array(labels * 3 + buckets + sketchBuckets * 2 + SKETCH_NUMBERS);
  }

  /**
   * Throws `BATCH_INVALID`, whose message holds the path to the culprit, if the body as a whole can't be trusted: no JSON, another version, fields of
   * the batch missing, twice or wrong, limits exceeded. Families and rows that make no sense are left out and counted in `refused` instead.
   */
  decode(body: Uint8Array): DecodedBatch {
    const { bytes } = this.#limits;
    if (body.byteLength > bytes) throw batchFault('', `it has ${body.byteLength} bytes, where ${bytes} are allowed`);
    const where = { path: '' };
    try {
      const reader = new JsonReader(body);
      return new DocumentReader({ reader, limits: this.#limits, schemas: this.#schemas, numbers: this.#numbers, where }).read();
    } catch (error) {
      throw error instanceof JsonFault ? batchFault(where.path, error.message, error) : error;
    }
  }
}

/** Decodes a single batch; see {@link BatchDecoder}. */
export function decodeBatch(body: Uint8Array, limits?: Partial<BatchLimits>): DecodedBatch {
  return new BatchDecoder(limits).decode(body);
}
