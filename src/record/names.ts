import type { MetricKind } from './recorded.js';

/** Which metric and label names Prometheus understands, and which ones it or phanos keeps for itself. */

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Suffixes that an exposition format adds by itself; a name that ends in one would collide with another family's samples. */
const RESERVED_SUFFIXES = ['_total', '_bucket', '_sum', '_count', '_created', '_info'] as const;

/** Labels that Prometheus, the exposition formats or phanos write themselves. */
const RESERVED_LABELS = new Set(['le', 'quantile', 'error_raised', 'phanos_overflow']);

/** Labels of who measured. */
const IDENTITY_LABELS = new Set(['job', 'instance']);

/** Why a metric can't have this name, or undefined if it can. Source: Prometheus data model, classic alphabet. */
export function metricNameFault(name: string, kind?: MetricKind): string | undefined {
  // One such label, and Prometheus refuses the whole scrape.
  if (kind === 'enum' && name.includes(':')) return 'an enum lends its name to the label of its state, in which no : is possible';
  // It would stand beside the label of the same name that a collector service puts on each series, and Prometheus refuses the whole scrape then, too.
  if (kind === 'enum' && IDENTITY_LABELS.has(name))
    return `an enum lends its name to the label of its state, and ${name} is that of the service`;
  if (METRIC_NAME.test(name)) return name.startsWith('__') ? 'names that start with __ are reserved' : undefined;
  return 'use letters, digits, _ and :, and do not start with a digit';
}

/** The reserved suffix that a family's exposed name (without the suffix of its own kind) ends in, or undefined. */
export function reservedSuffix(familyName: string): string | undefined {
  return RESERVED_SUFFIXES.find((suffix) => familyName.endsWith(suffix));
}

/** Why a label can't have this name, or undefined if it can. */
export function labelNameFault(name: string): string | undefined {
  if (!LABEL_NAME.test(name)) return 'use letters, digits and _, and do not start with a digit';
  if (name.startsWith('__')) return 'names that start with __ are reserved for Prometheus';
  return RESERVED_LABELS.has(name) ? `${name} is written by phanos or Prometheus itself` : undefined;
}
