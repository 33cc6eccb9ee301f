import { checkKnownKeys, expectWhole } from '../diagnostics/options.js';

/** Bounds on what the body of a records message can make its reader hold in memory. */
export interface RecordLimits {
  /**
   * Bytes of a message.
   * @default 8_388_608
   */
  readonly bytes: number;
  /**
   * Records of a message.
   * @default 100_000
   */
  readonly records: number;
  /**
   * Labels of a record, pairs of an info.
   * @default 32
   */
  readonly labels: number;
  /**
   * UTF-16 units of a text in a record; a job may have 256.
   * @default 4096
   */
  readonly textLength: number;
}

const DEFAULTS: RecordLimits = { bytes: 8 * 1024 * 1024, records: 100_000, labels: 32, textLength: 4096 };

const NAMES = Object.keys(DEFAULTS) as readonly (keyof RecordLimits)[];

/** Fills in the defaults. Throws a RangeError that names the limit which is not a positive whole number, a TypeError for an unknown one. */
export function normalizeRecordLimits(limits: Partial<RecordLimits> = {}): RecordLimits {
  checkKnownKeys('record limits', limits, NAMES);
  const merged = { ...DEFAULTS, ...limits };
  for (const name of NAMES) expectWhole('record limits', name, merged[name], 1);
  return merged;
}
