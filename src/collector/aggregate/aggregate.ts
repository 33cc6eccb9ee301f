import { occupiedNames } from '../../exposition/sample-name.js';
import type { FamilyDelta, FamilySchema } from '../../record/batch.js';
import { metricNameFault } from '../../record/names.js';
import type { MetricKind } from '../../record/recorded.js';
import type { CollectorLimits } from '../limits.js';
import { Tally } from '../tally.js';
import type { Accumulator } from './accumulator.js';
import { enumAccumulator } from './enum-accumulator.js';
import { Family, type FamilyHost } from './family.js';
import { histogramAccumulator } from './histogram-accumulator.js';
import { infoAccumulator } from './info-accumulator.js';
import { counterAccumulator, gaugeAccumulator } from './number-accumulator.js';
import type { AdjustmentReason, RefusalReason } from './refusal.js';
import { schemaRefusal } from './schema-check.js';
import { summaryAccumulator } from './summary-accumulator.js';

/** All families by name, in order of first appearance. */
export class Aggregate implements FamilyHost {
  readonly limits: CollectorLimits;
  /** Rows that were not applied. */
  readonly refused = new Tally<RefusalReason>();
  /** Rows that were applied in another way than they came. */
  readonly adjusted = new Tally<AdjustmentReason>();
  readonly #families = new Map<string, Family>();
  /** Which family writes samples under a name. */
  readonly #occupied = new Map<string, string>();

  constructor(limits: CollectorLimits) {
    this.limits = limits;
  }

  get families(): Iterable<Family> {
    return this.#families.values();
  }

  /** Applies what can be applied and counts the rest; never throws, whatever the delta looks like. */
  apply(delta: FamilyDelta): void {
    if (typeof delta !== 'object' || delta === null || !Array.isArray(delta.rows) || !Array.isArray(delta.removed)) {
      this.refused.count('', 'malformed');
      return;
    }
    const family = this.#admit(delta.kind, delta.schema);
    if (typeof family === 'string') this.refused.count(tellableName(delta.schema), family, Math.max(1, delta.rows.length));
    else {
      family.apply(delta.schema, delta.rows, delta.removed);
      if (delta.removed.length > 0 && family.size === 0) this.#forget(family);
    }
  }

  /** A family whose last series was removed is shown no more, and leaves its names to others. */
  #forget({ kind, name }: Family): void {
    this.#families.delete(name);
    for (const occupied of occupiedNames(kind, name)) this.#occupied.delete(occupied);
  }

  #admit(kind: MetricKind, schema: FamilySchema): Family | RefusalReason {
    const known = this.#families.get(schema?.name);
    if (known !== undefined && known.kind === kind && known.knows(schema)) return known;
    const refusal = schemaRefusal(kind, schema, this.limits);
    if (refusal !== undefined) return refusal;
    if (known === undefined) return this.#register(kind, schema);
    if (known.kind !== kind) return 'kind_conflict';
    return known.unit === schema.unit ? known : 'unit_conflict';
  }

  #register(kind: MetricKind, schema: FamilySchema): Family | RefusalReason {
    const names = occupiedNames(kind, schema.name);
    if (names.some((name) => this.#occupied.has(name))) return 'name_conflict';
    for (const name of names) this.#occupied.set(name, schema.name);
    const family: Family = new Family(kind, schema, accumulatorOf(kind, schema, this.limits), this);
    this.#families.set(schema.name, family);
    return family;
  }
}

/** Under which name to count a refusal: what is no metric name is told by its reason alone. */
function tellableName(schema: FamilySchema): string {
  const name: unknown = schema?.name;
  return typeof name === 'string' && metricNameFault(name) === undefined ? name : '';
}

type AccumulatorOfKind = { readonly [K in MetricKind]: (schema: FamilySchema, limits: CollectorLimits) => Accumulator<K> };

const ACCUMULATORS: AccumulatorOfKind = {
  counter: counterAccumulator,
  enum: enumAccumulator,
  gauge: gaugeAccumulator,
  histogram: histogramAccumulator,
  info: (_schema, limits) => infoAccumulator(limits),
  summary: summaryAccumulator,
};

function accumulatorOf<K extends MetricKind>(kind: K, schema: FamilySchema, limits: CollectorLimits): Accumulator<K> {
  return ACCUMULATORS[kind](schema, limits);
}
