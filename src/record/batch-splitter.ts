import { invalidOption } from '../diagnostics/options.js';
import type { Batch } from './batch.js';
import { headerText, PartWriter } from './batch-codec/part-writer.js';

/** How a batch is frozen into documents of bounded size. */
export interface SplitOptions {
  /**
   * Bytes a document has at most; one with a single series that takes more is longer.
   * @default 1_048_576
   */
  readonly maxBytes?: number;
}

/** One document with its number; it won't change any more. */
export interface BatchPart {
  readonly seq: number;
  /** Recorded operations that count for this document. */
  readonly ops: number;
  readonly body: Buffer;
}

const MAX_BYTES = 1024 * 1024;
/** Half of what a reader takes by default: rows of few bytes can stand for many empty buckets. */
const MAX_CELLS = 4_000_000;

/**
 * Encodes a batch as one document, or as several with contiguous numbers from `batch.seq`, split between series.
 *
 * A family goes on in the next document under its schema. `ops` add up to those of the batch: a document counts the observations of its histograms
 * and summaries, and everything else counts for the last one. `produced` grows with them, `goodbye` is said by the last one. A whole state in several
 * documents is `whole` in the last one, whose `wholeFrom` is the number of the first: what none of them mentions is gone.
 *
 * Throws a TypeError if `maxBytes` is not a positive number.
 */
export function splitBatch(batch: Batch, { maxBytes = MAX_BYTES }: SplitOptions = {}): BatchPart[] {
  if (!(maxBytes > 0)) throw invalidOption('splitBatch', 'maxBytes', 'a number greater than 0', maxBytes);
  return new Split(batch, maxBytes, MAX_CELLS).parts;
}

/** The batch as one document, whatever its size. */
export function wholeDocument(batch: Batch): Buffer {
  return new Split(batch, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).parts[0]!.body;
}

class Split {
  readonly parts: BatchPart[] = [];
  readonly #batch: Batch;
  readonly #maxSize: number;
  readonly #maxCells: number;
  #part = new PartWriter();
  #ops = 0;

  constructor(batch: Batch, maxBytes: number, maxCells: number) {
    this.#batch = batch;
    this.#maxSize = maxBytes - longestHeader(batch);
    this.#maxCells = maxCells;
    for (const family of batch.families) {
      const { rows, removed, exemplars = [] } = family;
      if (rows.length + removed.length + exemplars.length === 0) this.#put((part) => part.mention(family));
      for (const labelValues of removed) this.#put((part) => part.removed(family, labelValues));
      for (const row of rows) this.#put((part) => part.row(family, row));
      for (const exemplar of exemplars) this.#put((part) => part.exemplar(family, exemplar));
    }
    this.#finish(true);
  }

  #put(write: (part: PartWriter) => void): void {
    const part = this.#part;
    write(part);
    if (part.items === 1 || (part.size <= this.#maxSize && part.cells <= this.#maxCells)) return;
    part.takeBack();
    this.#finish(false);
    this.#part = new PartWriter();
    write(this.#part);
  }

  #finish(last: boolean): void {
    const { families: _, ...header } = this.#batch;
    const left = header.ops - this.#ops;
    // Rows whose numbers are nonsense, which are refused later, must not spoil the totals.
    const told = Number.isSafeInteger(this.#part.ops) ? Math.min(this.#part.ops, left) : 0;
    const ops = last ? left : told;
    this.#ops += ops;
    const first = header.seq;
    const seq = first + this.parts.length;
    const body = this.#part.finish({
      ...header,
      seq,
      ops,
      produced: header.produced - header.ops + this.#ops,
      whole: header.whole && last,
      ...(header.whole && last && seq > first && { wholeFrom: first }),
      goodbye: header.goodbye && last,
    });
    this.parts.push({ seq, ops, body });
  }
}

/** Bytes of the header with the longest numbers that its parts can have. */
function longestHeader(batch: Batch): number {
  const most = Number.MAX_SAFE_INTEGER;
  const { producer, oldest, heartbeat, dropped } = batch;
  const rest = { whole: false, wholeFrom: most, goodbye: false };
  return Buffer.byteLength(headerText({ producer, oldest, heartbeat, dropped, seq: most, ops: most, produced: most, ...rest }));
}
