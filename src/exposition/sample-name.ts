import type { MetricKind } from '../record/recorded.js';

/** Under which names a family's samples appear. */

const SUFFIX: Readonly<Record<MetricKind, string>> = { counter: '_total', enum: '', gauge: '', histogram: '', info: '_info', summary: '' };

const PART_SUFFIXES: Readonly<Record<MetricKind, readonly string[]>> = {
  counter: [''],
  enum: [''],
  gauge: [''],
  histogram: ['', '_bucket', '_sum', '_count'],
  info: [''],
  summary: ['', '_sum', '_count'],
};

/** Name of the family in text 0.0.4 and protobuf: with the suffix of its kind, which is never doubled. */
export function textFamilyName(kind: MetricKind, name: string): string {
  return openMetricsName(kind, name) + SUFFIX[kind];
}

/** Name of the family in OpenMetrics: without the suffix of its kind, which only its samples carry. */
export function openMetricsName(kind: MetricKind, name: string): string {
  const suffix = SUFFIX[kind];
  // A name that is nothing but the suffix has to stay a name.
  return suffix !== '' && name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name;
}

/** Every name that the family occupies in a scrape; no other family may use one of them. */
export function occupiedNames(kind: MetricKind, name: string): string[] {
  const base = textFamilyName(kind, name);
  return PART_SUFFIXES[kind].map((suffix) => base + suffix);
}
