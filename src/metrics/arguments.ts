import type { ExemplarOptions } from './exemplar-slots.js';
import type { Labels } from './metric.js';

/** Arguments of a recording method: without labels `(value)`, with labels `(value, labels)` as in Python or `(labels, value)` as in prom-client. */
export type RecordingArguments<L extends string, V> = [L] extends [never]
  ? [value: V]
  : [value: V, labels: Labels<L>] | [labels: Labels<L>, value: V];

/** As {@link RecordingArguments}, with a value that may be left out. */
export type CountingArguments<L extends string> = [L] extends [never]
  ? [value?: number]
  : [value: number, labels: Labels<L>] | [labels: Labels<L>, value?: number];

/** As {@link RecordingArguments} for a number that can have an exemplar. */
export type ObservingArguments<L extends string> = [L] extends [never]
  ? [value: number, options?: ExemplarOptions]
  : [value: number, labels: Labels<L>, options?: ExemplarOptions] | [labels: Labels<L>, value: number, options?: ExemplarOptions];

/** As {@link CountingArguments} for a number that can have an exemplar. */
export type AddingArguments<L extends string> = [L] extends [never]
  ? [value?: number | undefined, options?: ExemplarOptions]
  :
      | [value: number, labels: Labels<L>, options?: ExemplarOptions]
      | [labels: Labels<L>, value?: number | undefined, options?: ExemplarOptions];

/** Arguments of a method that only takes labels. */
export type LabelArguments<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];
