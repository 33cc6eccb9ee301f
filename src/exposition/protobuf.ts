import type { MetricKind } from '../record/recorded.js';
import type { SketchView } from '../sketch/sketch-view.js';
import { shownExemplar } from './exemplar.js';
import type { ExposedExemplar, ExposedFamily, ExposedSeries } from './exposed-family.js';
import { labelPairs } from './label-text.js';
import { lengthPrefix, MessageWriter } from './message-writer.js';
import { type NativeBuckets, nativeBuckets } from './native-histogram.js';
import { shownUnit } from './open-metrics.js';
import { textFamilyName } from './sample-name.js';

/**
 * Prometheus's protobuf format, the only one that carries native histograms: messages `io.prometheus.client.MetricFamily`, each behind its length.
 *
 * Numbers of fields and kinds are those of `metrics.proto` of Prometheus's data model.
 *
 * @see https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */

/** Bytes after which a chunk is closed. */
const CHUNK_LENGTH = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** MetricType. Enums and infos are gauges there. */
const TYPES: Readonly<Record<MetricKind, number>> = { counter: 0, enum: 1, gauge: 1, histogram: 4, info: 1, summary: 2 };

const FAMILY = { name: 1, help: 2, type: 3, metric: 4, unit: 5 } as const;
const METRIC = { label: 1, gauge: 2, counter: 3, summary: 4, histogram: 7 } as const;
const LABEL = { name: 1, value: 2 } as const;
/** The same in Gauge and Counter. */
const VALUE = 1;
const COUNTER_EXEMPLAR = 2;
const SUMMARY = { count: 1, sum: 2, quantile: 3 } as const;
const QUANTILE = { quantile: 1, value: 2 } as const;
const HISTOGRAM = {
  count: 1,
  sum: 2,
  bucket: 3,
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  negative: [9, 10],
  positive: [12, 13],
} as const;
const BUCKET = { count: 1, bound: 2, exemplar: 3 } as const;
const SPAN = { offset: 1, length: 2 } as const;
const EXEMPLAR = { label: 1, value: 2, timestamp: 3 } as const;
const TIMESTAMP = { seconds: 1, nanos: 2 } as const;

/**
 * Writes families in their order. The length of a family stands in front of it, so that a family is kept in memory until its last series is written;
 * meanwhile chunks come out empty, so that whoever reads can pause.
 */
export function* renderProtobuf(families: Iterable<ExposedFamily>): Generator<Buffer, void, undefined> {
  let ready: Buffer[] = [];
  let length = 0;
  for (const family of families) {
    const metrics = new Chunks();
    for (const metric of metricsOf(family)) {
      if (metrics.add(metric)) yield NOTHING;
    }
    const head = headOf(family);
    for (const piece of [lengthPrefix(head.length + metrics.length), head, ...metrics.take()]) {
      ready.push(piece);
      length += piece.length;
      if (length < CHUNK_LENGTH) continue;
      yield Buffer.concat(ready);
      ready = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(ready);
}

/** Copies of messages, in chunks. */
class Chunks {
  readonly #chunks: Buffer[] = [];
  #chunk = NOTHING;
  #used = 0;
  length = 0;

  /** True if a chunk is full. */
  add(message: Buffer): boolean {
    const isFull = this.#chunk.length - this.#used < message.length;
    if (isFull) {
      this.#close();
      // The first one is small: most families have few series.
      const size = this.#chunks.length === 0 ? 1024 : CHUNK_LENGTH;
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(size, message.length));
      this.#used = 0;
    }
    message.copy(this.#chunk, this.#used);
    this.#used += message.length;
    this.length += message.length;
    return isFull;
  }

  take(): Buffer[] {
    this.#close();
    return this.#chunks;
  }

  #close(): void {
    if (this.#used > 0) this.#chunks.push(this.#chunk.subarray(0, this.#used));
  }
}

function headOf(family: ExposedFamily): Buffer {
  const name = textFamilyName(family.kind, family.name);
  const out = new MessageWriter();
  const unit = shownUnit(family, family.name);
  if (unit !== '') out.string(FAMILY.unit, unit);
  out.unsigned(FAMILY.type, TYPES[family.kind]);
  out.string(FAMILY.help, family.help);
  out.string(FAMILY.name, name);
  return out.bytes;
}

/** Each series as a field of its family; valid until the next one. */
function* metricsOf(family: ExposedFamily): Generator<Buffer, void, undefined> {
  const out = new MessageWriter();
  const write = family.kind === 'enum' ? undefined : valueWriter(family);
  for (const series of family.series) {
    const labels = labelPairs(series.labels);
    if (write !== undefined) {
      out.clear();
      write(out, series);
      yield metricOf(out, labels);
      continue;
    }
    const { name, states } = family;
    const current = series.cells[series.offset];
    for (let i = 0; i < states.length; i++) {
      out.clear();
      out.double(VALUE, i === current ? 1 : 0);
      out.message(METRIC.gauge, 0);
      yield metricOf(out, [...labels, [name, states[i]!]]);
    }
  }
}

/** Puts the labels in front of the value. */
function metricOf(out: MessageWriter, labels: Labels): Buffer {
  writeLabels(out, METRIC.label, labels);
  out.message(FAMILY.metric, 0);
  return out.bytes;
}

type Labels = readonly (readonly [name: string, value: string])[];

function writeLabels(out: MessageWriter, field: number, labels: Labels): void {
  for (let i = labels.length - 1; i >= 0; i--) {
    const [name, value] = labels[i]!;
    const from = out.length;
    out.string(LABEL.value, value);
    out.string(LABEL.name, name);
    out.message(field, from);
  }
}

type WriteValue = (out: MessageWriter, series: ExposedSeries) => void;

function valueWriter(family: ExposedFamily): WriteValue {
  const { kind, divisor } = family;
  switch (kind) {
    case 'histogram':
      return histogramWriter(family);
    case 'summary':
      return summaryWriter(family);
    case 'counter':
      return (out, { cells, offset, exemplars }) => {
        writeExemplar(out, COUNTER_EXEMPLAR, exemplars?.[0], divisor);
        out.double(VALUE, cells[offset]! / divisor);
        out.message(METRIC.counter, 0);
      };
    default:
      return (out, { cells, offset }) => {
        out.double(VALUE, kind === 'info' ? 1 : cells[offset]! / divisor);
        out.message(METRIC.gauge, 0);
      };
  }
}

function summaryWriter({ quantiles = [], divisor }: ExposedFamily): WriteValue {
  return (out, { cells, offset, quantileValues }) => {
    for (let i = quantiles.length - 1; i >= 0; i--) {
      const from = out.length;
      out.double(QUANTILE.value, (quantileValues?.[i] ?? Number.NaN) / divisor);
      out.double(QUANTILE.quantile, quantiles[i]!);
      out.message(SUMMARY.quantile, from);
    }
    out.double(SUMMARY.sum, cells[offset + 1]! / divisor);
    out.unsigned(SUMMARY.count, cells[offset]!);
    out.message(METRIC.summary, 0);
  };
}

function histogramWriter({ bounds, divisor }: ExposedFamily): WriteValue {
  const shown = [...bounds.map((bound) => bound / divisor + 0), Number.POSITIVE_INFINITY];
  const buckets = shown.length;
  return (out, { cells, offset, sketch, exemplars }) => {
    let count = 0;
    for (let i = 0; i < buckets; i++) count += cells[offset + i]!;
    const total = sketch === undefined ? count : writeSketch(out, sketch);
    let cumulative = count;
    for (let i = buckets - 1; i >= 0; i--) {
      const from = out.length;
      const hasExemplar = writeExemplar(out, BUCKET.exemplar, exemplars?.[i], divisor);
      // Readers know the last bucket by the count.
      if (i < buckets - 1 || hasExemplar) {
        out.double(BUCKET.bound, shown[i]!);
        out.unsigned(BUCKET.count, cumulative);
        out.message(HISTOGRAM.bucket, from);
      }
      cumulative -= cells[offset + i]!;
    }
    out.double(HISTOGRAM.sum, cells[offset + buckets]! / divisor);
    out.unsigned(HISTOGRAM.count, total);
    out.message(METRIC.histogram, 0);
  };
}

/** Returns the observations in it. Prometheus refuses a histogram whose buckets don't add up to its count. */
function writeSketch(out: MessageWriter, sketch: SketchView): number {
  const positive = nativeBuckets(sketch, sketch.positive);
  const negative = nativeBuckets(sketch, sketch.negative);
  const { zeroCount, zeroThreshold } = sketch;
  writeBuckets(out, HISTOGRAM.positive, positive);
  writeBuckets(out, HISTOGRAM.negative, negative);
  // Without any bucket and threshold it would not be known as a native one.
  if (positive.spans.length + negative.spans.length === 0)
    writeBuckets(out, HISTOGRAM.positive, { ...positive, spans: [{ offset: 0, length: 0 }] });
  out.unsigned(HISTOGRAM.zeroCount, zeroCount);
  out.double(HISTOGRAM.zeroThreshold, zeroThreshold);
  out.signed(HISTOGRAM.schema, sketch.scale);
  return positive.count + negative.count + zeroCount;
}

function writeBuckets(out: MessageWriter, [spanField, deltaField]: readonly [number, number], { spans, deltas }: NativeBuckets): void {
  if (deltas.length > 0) out.packedSigned(deltaField, deltas);
  for (let i = spans.length - 1; i >= 0; i--) {
    const from = out.length;
    out.unsigned(SPAN.length, spans[i]!.length);
    out.signed(SPAN.offset, spans[i]!.offset);
    out.message(spanField, from);
  }
}

/** True if there was one that can be shown. */
function writeExemplar(out: MessageWriter, field: number, exemplar: ExposedExemplar | undefined, divisor: number): boolean {
  const shown = shownExemplar(exemplar, divisor);
  if (shown === undefined) return false;
  const from = out.length;
  if (shown.timestamp !== undefined) {
    const seconds = Math.floor(shown.timestamp);
    out.unsigned(TIMESTAMP.nanos, Math.floor((shown.timestamp - seconds) * 1000) * 1e6);
    out.unsigned(TIMESTAMP.seconds, seconds);
    out.message(EXEMPLAR.timestamp, from);
  }
  out.double(EXEMPLAR.value, shown.value);
  writeLabels(out, EXEMPLAR.label, shown.labels);
  out.message(field, from);
  return true;
}
