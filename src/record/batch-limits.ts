import { checkKnownKeys, expectWhole } from '../diagnostics/options.js';

/**
 * Bounds on what the body of a batch can make its reader hold in memory. A batch that was split at 1 MiB is far below each of them.
 *
 * Bytes, families, rows, cells and strings count over the whole document, which is refused beyond; the others refuse a family or a row.
 */
export interface BatchLimits {
  /**
   * Bytes of a document, unpacked.
   * @default 8_388_608
   */
  readonly bytes: number;
  /** @default 50_000 */
  readonly families: number;
  /**
   * Rows of all families together, removed label sets and refused rows included.
   * @default 400_000
   */
  readonly rows: number;
  /**
   * Label values, numbers and buckets of all rows together. A row of few bytes can stand for many empty buckets.
   * @default 8_000_000
   */
  readonly cells: number;
  /**
   * Entries of the string table.
   * @default 500_000
   */
  readonly strings: number;
  /**
   * UTF-16 units of a string.
   * @default 4096
   */
  readonly stringLength: number;
  /**
   * Labels of a family, pairs of an info.
   * @default 64
   */
  readonly labels: number;
  /**
   * Bounds of a histogram, states of an enum.
   * @default 1000
   */
  readonly buckets: number;
  /**
   * Buckets of a sketch on each side of zero.
   * @default 1000
   */
  readonly sketchBuckets: number;
}

const DEFAULTS: BatchLimits = {
  bytes: 8 * 1024 * 1024,
  families: 50_000,
  rows: 400_000,
  cells: 8_000_000,
  strings: 500_000,
  stringLength: 4096,
  labels: 64,
  buckets: 1000,
  sketchBuckets: 1000,
};

const NAMES = Object.keys(DEFAULTS) as readonly (keyof BatchLimits)[];

/** Fills in the defaults. Throws a RangeError that names the limit which is not a positive whole number, a TypeError for an unknown one. */
export function normalizeBatchLimits(limits: Partial<BatchLimits> = {}): BatchLimits {
  checkKnownKeys('batch limits', limits, NAMES);
  const merged = { ...DEFAULTS, ...limits };
  for (const name of NAMES) expectWhole('batch limits', name, merged[name], 1);
  return merged;
}
