import { labelPairs } from '../../exposition/label-text.js';
import type { AdjustmentReason, RefusalReason } from '../aggregate/refusal.js';
import { sliceOver } from '../slices.js';
import type { Store } from '../stores.js';

/** What makes series many: the families with the most of them, and which of their labels take how many values. */
export interface Cardinality {
  /** Of all families. */
  readonly series: number;
  readonly families: readonly FamilyCardinality[];
}

export interface FamilyCardinality {
  readonly store: string;
  readonly name: string;
  readonly series: number;
  /** Rows that were folded into the overflow series, here or by their producers, for there were too many label sets or too long values. */
  readonly folded: number;
  /** Rows that were refused, for whatever reason. */
  readonly refused: number;
  /** The ones with the most values first. */
  readonly labels: readonly { readonly name: string; readonly values: number }[];
}

/** Families that are told. */
const TOP = 20;
const FOLDED: readonly AdjustmentReason[] = [
  'series_limit',
  'job_series_limit',
  'total_series_limit',
  'label_value_limit',
  'producer_limit',
];

/** Reads all labels of the worst families, in slices. */
export async function cardinalityOf(stores: Iterable<Store>): Promise<Cardinality> {
  const all = [...stores].flatMap(({ name: store, durable: { collector } }) =>
    Array.from(collector.aggregate.families, (family) => ({ store, family, collector })),
  );
  const worst = all.toSorted((a, b) => b.family.size - a.family.size).slice(0, TOP);
  const families: FamilyCardinality[] = [];
  for (const { store, family, collector } of worst) {
    const { name, size: series } = family;
    const folded = FOLDED.reduce((sum, reason) => sum + collector.adjusted.of(reason, name), 0);
    let refused = 0;
    for (const [of, , rows] of collector.refused.entries() as Iterable<readonly [string, RefusalReason, number]>)
      if (of === name) refused += rows;
    families.push({ store, name, series, folded, refused, labels: await labelsOf(family.series) });
  }
  return { series: all.reduce((sum, { family }) => sum + family.size, 0), families };
}

async function labelsOf(series: Iterable<{ readonly labels: string }>): Promise<FamilyCardinality['labels']> {
  const values = new Map<string, Set<string>>();
  for (const { labels } of series) {
    for (const [name, value] of labelPairs(labels)) {
      const known = values.get(name);
      if (known === undefined) values.set(name, new Set([value]));
      else known.add(value);
    }
    const pause = sliceOver();
    if (pause !== undefined) await pause;
  }
  return Array.from(values, ([name, { size }]) => ({ name, values: size })).sort((a, b) => b.values - a.values);
}
