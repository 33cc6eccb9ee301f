/** Bounds on what producers can make a collector keep. */
export interface CollectorLimits {
  /**
   * Series a family may have; beyond it known series keep counting, and new label sets fold into one or are refused.
   * @default 10_000
   */
  readonly seriesPerFamily: number;
  /**
   * Series that the producers of a job may have together; beyond it as with `seriesPerFamily`.
   * @default 50_000
   */
  readonly seriesPerJob: number;
  /**
   * Series in all; beyond it as with `seriesPerFamily`.
   * @default 200_000
   */
  readonly series: number;
  /**
   * Families in all, those without series included; beyond it new ones are refused.
   * @default 10_000
   */
  readonly families: number;
  /**
   * Labels of a series, the pairs of an info included.
   * @default 32
   */
  readonly labels: number;
  /**
   * Characters (UTF-16 units) of a label value.
   * @default 256
   */
  readonly labelValueLength: number;
  /**
   * Producers that are recognized, dead ones included. Beyond it the ones that have been dead for longest are forgotten early; if all live, new ones
   * are told to come later.
   * @default 10_000
   */
  readonly producers: number;
  /**
   * Buckets of a sketch on each side of zero; those of producers that have more become wider.
   * @default 320
   */
  readonly sketchBuckets: number;
  /**
   * Exemplars that are kept, one a bucket or counter at most; beyond it those of other buckets are left out.
   * @default 100_000
   */
  readonly exemplars: number;
}

const DEFAULTS: CollectorLimits = {
  seriesPerFamily: 10_000,
  seriesPerJob: 50_000,
  series: 200_000,
  families: 10_000,
  labels: 32,
  labelValueLength: 256,
  producers: 10_000,
  sketchBuckets: 320,
  exemplars: 100_000,
};

export const LIMIT_NAMES = Object.keys(DEFAULTS) as readonly (keyof CollectorLimits)[];

/** Fills in the defaults. Throws a RangeError that names the limit which is not a positive whole number, a TypeError for an unknown one. */
export function normalizeCollectorLimits(limits: Partial<CollectorLimits> = {}): CollectorLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      throw new TypeError(`limits.${name} is unknown; known limits are ${Object.keys(DEFAULTS).join(', ')}`);
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`limits.${name} must be a whole number of 1 or more, got ${String(value)}`);
    }
  }
  // What is given as a getter stays one: the limits of an embedded collector follow the program's `config`.
  return Object.defineProperties({ ...DEFAULTS }, Object.getOwnPropertyDescriptors(limits));
}
