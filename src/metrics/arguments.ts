import type { Labels } from './metric.js';

/** Arguments of a recording method: without labels `(value)`, with labels `(value, labels)` as in Python or `(labels, value)` as in prom-client. */
export type RecordingArguments<L extends string, V> = [L] extends [never]
  ? [value: V]
  : [value: V, labels: Labels<L>] | [labels: Labels<L>, value: V];

/** As {@link RecordingArguments}, with a value that may be left out. */
export type CountingArguments<L extends string> = [L] extends [never]
  ? [value?: number]
  : [value: number, labels: Labels<L>] | [labels: Labels<L>, value?: number];

/** Arguments of a method that only takes labels. */
export type LabelArguments<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];
