import type { ExposedFamily } from '../../src/exposition/exposed-family.js';
import type { FormatName } from '../../src/record/exposed.js';
import type { ProtoFamily, ProtoMetric } from './parse-protobuf.js';
import { labelKey } from './parse-text.js';

/** What families come to, sample by sample, said once plainly and once from what a parser read: the oracle of all formats. */

/** Name and labels as one text, and the value. */
export type Samples = ReadonlyMap<string, number>;

export interface PlainSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** As in `ExposedFamily`. */
  readonly numbers: readonly number[];
  readonly quantileValues?: readonly number[];
}

export type PlainFamily = Omit<ExposedFamily, 'series'> & { readonly series: readonly PlainSeries[] };

/** Go's form of a bound, by way of Go's own rule for the exponent rather than ours. */
function bound(value: number, format: FormatName): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (format === 'text') return String(value);
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 6)) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** The samples that a format is to show. */
export function expectedSamples(families: readonly PlainFamily[], format: FormatName): Samples {
  const samples = new Map<string, number>();
  const strict = format === 'openmetrics';
  for (const { kind, name, divisor, bounds, states, quantiles = [], series } of families) {
    const add = (suffix: string, labels: Readonly<Record<string, string>>, value: number): void => {
      const key = name + suffix + labelKey(labels);
      if (samples.has(key)) throw new Error(`the families of the test show ${key} twice`);
      samples.set(key, value);
    };
    for (const { labels, numbers, quantileValues } of series) {
      const sum = numbers.at(-1)! / divisor;
      if (kind === 'counter') add(name.endsWith('_total') ? '' : '_total', labels, sum);
      else if (kind === 'gauge') add('', labels, sum);
      else if (kind === 'info') add(name.endsWith('_info') ? '' : '_info', labels, 1);
      else if (kind === 'enum') for (const [i, state] of states.entries()) add('', { ...labels, [name]: state }, i === numbers[0] ? 1 : 0);
      else if (kind === 'summary') {
        quantiles.forEach((quantile, i) => {
          const value = (quantileValues?.[i] ?? Number.NaN) / divisor;
          if (!strict || !(value < 0)) add('', { ...labels, quantile: bound(quantile, format) }, value);
        });
        if (!strict || sum >= 0) add('_sum', labels, sum);
        add('_count', labels, numbers[0]!);
      } else {
        let count = 0;
        [...bounds, Number.POSITIVE_INFINITY].forEach((upper, i) => {
          count += numbers[i]!;
          add('_bucket', { ...labels, le: bound(upper / divisor, format) }, count);
        });
        if (strict && (!(sum >= 0) || bounds.some((upper) => upper < 0))) continue;
        add('_sum', labels, sum);
        add('_count', labels, count);
      }
    }
  }
  return samples;
}

/** Of what a text parser has read. Throws if there is a sample twice. */
export function samplesOf(
  families: readonly {
    readonly samples: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
  }[],
): Samples {
  const samples = new Map<string, number>();
  for (const { name, labels, value } of families.flatMap((family) => family.samples)) {
    const key = name + labelKey(labels);
    if (samples.has(key)) throw new Error(`${key} is there twice`);
    samples.set(key, value);
  }
  return samples;
}

/** Of messages, as Prometheus takes them apart. */
export function protoSamples(families: readonly ProtoFamily[]): Samples {
  return samplesOf(families.map(({ name, metric = [] }) => ({ samples: metric.flatMap((one) => partsOf(name, one)) })));
}

function partsOf(name: string, { label = [], gauge, counter, summary, histogram }: ProtoMetric) {
  const labels = Object.fromEntries(label.map((pair) => [pair.name, pair.value]));
  const sample = (suffix: string, value: number, more = {}) => ({ name: name + suffix, labels: { ...labels, ...more }, value });
  const simple = gauge ?? counter;
  if (simple !== undefined) return [sample('', simple.value)];
  const { sampleCount, sampleSum } = (summary ?? histogram)!;
  const totals = [sample('_sum', sampleSum), sample('_count', sampleCount)];
  const quantiles = summary?.quantile ?? [];
  const shown = quantiles.map(({ quantile, value }) => sample('', value, { quantile: bound(quantile, 'protobuf') }));
  if (histogram === undefined) return [...shown, ...totals];
  const buckets = histogram.bucket ?? [];
  const all = buckets.map(({ cumulativeCount, upperBound }) => sample('_bucket', cumulativeCount, { le: bound(upperBound, 'protobuf') }));
  return [
    ...all,
    ...(buckets.at(-1)?.upperBound === Number.POSITIVE_INFINITY ? [] : [sample('_bucket', sampleCount, { le: '+Inf' })]),
    ...totals,
  ];
}

/** Zeros of both signs are different, as they are on the wire; a parser that makes integers of them loses that. */
export function plainZeros(samples: Samples): Samples {
  return new Map(Array.from(samples, ([key, value]) => [key, value === 0 ? 0 : value]));
}
