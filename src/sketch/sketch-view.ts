/**
 * Exponential buckets as they are read, in the layout of Prometheus's native histograms and OTLP's exponential ones: bucket `i` holds values above
 * `base ** i` and up to `base ** (i + 1)`, where `base` is `2 ** (2 ** -scale)`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram (Prometheus numbers buckets by their upper bound: `i + 1`)
 */
export interface SketchView {
  /** Resolution: from 8 (finest) to -4; one less makes each bucket twice as wide on the logarithmic scale. */
  readonly scale: number;
  /** Values from `-zeroThreshold` to `zeroThreshold` count as zero. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: SketchBuckets;
  /** Of the absolute values. */
  readonly negative: SketchBuckets;
}

/** Contiguous buckets on one side of zero. */
export interface SketchBuckets {
  /** Index `i` of the first bucket. */
  readonly offset: number;
  /** One count a bucket, not cumulative; empty if there was no value on this side. */
  readonly counts: ArrayLike<number>;
  /**
   * Observations of infinity, which no bucket of `counts` holds. In Prometheus's native histograms they have a bucket of their own: the one with the
   * index `1024 * 2 ** scale` here, right above that of the largest double. Absent for none.
   */
  readonly infinite?: number | undefined;
}
