/** What is the same of the default metrics whoever measures and whoever collects, so that all of them meet in one family. */

/** What a default metric is called on the way out, and how its values are bucketed. */
export interface DefaultFamily {
  /** Without its unit. */
  readonly name: string;
  readonly help: string;
  /** Unit of its values and bounds. */
  readonly units: string;
  readonly bounds: readonly number[];
}

/** 100 µs to 10 s, in milliseconds. */
export const TIME_BUCKETS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** 64 B × 4ⁿ to 16 MiB. */
export const SIZE_BUCKETS: readonly number[] = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

export const TIME_PROFILER_FAMILY: DefaultFamily = {
  name: 'phanos_time_profiler',
  help: 'Duration of profiled calls.',
  units: 'mS',
  bounds: TIME_BUCKETS,
};

export const RESPONSE_SIZE_FAMILY: DefaultFamily = {
  name: 'phanos_response_size',
  help: 'Size of what root calls return.',
  units: 'B',
  bounds: SIZE_BUCKETS,
};
