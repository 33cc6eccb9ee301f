import type { ExposedFamily } from '../../exposition/exposed-family.js';
import { Arena } from '../../record/arena.js';
import type { FamilySchema, LabelValues, RowOfKind } from '../../record/batch.js';
import type { MetricKind } from '../../record/recorded.js';
import type { CollectorLimits } from '../limits.js';
import type { Tally } from '../tally.js';
import type { Accumulator, Intake } from './accumulator.js';
import { LabelOrder, type LabelShape, OVERFLOW } from './label-order.js';
import type { AdjustmentReason, RefusalReason } from './refusal.js';
import { Series } from './series.js';

/** What a family shares with the aggregate it belongs to. */
export interface FamilyHost {
  readonly limits: CollectorLimits;
  readonly refused: Tally<RefusalReason>;
  readonly adjusted: Tally<AdjustmentReason>;
}

/** How rows of one schema reach a family. */
interface Door<K extends MetricKind> {
  readonly shape: LabelShape;
  readonly intake: Intake<K>;
}

/** All series of one name, of all producers. Kind, unit, scale and bounds are those of the schema that came first. */
export class Family<K extends MetricKind = MetricKind> implements ExposedFamily {
  readonly kind: K;
  readonly name: string;
  readonly unit: string;
  readonly divisor: number;
  readonly bounds: readonly number[];
  readonly states: readonly string[];
  readonly #host: FamilyHost;
  readonly #accumulator: Accumulator<K>;
  readonly #arena: Arena;
  readonly #order = new LabelOrder();
  readonly #series = new Map<string, Series>();
  /** A producer hands over the same schema object again and again. */
  readonly #doors = new WeakMap<FamilySchema, Door<K>>();
  #help: string;

  constructor(kind: K, schema: FamilySchema, accumulator: Accumulator<K>, host: FamilyHost) {
    this.kind = kind;
    this.name = schema.name;
    this.unit = schema.unit;
    this.divisor = schema.divisor;
    this.bounds = accumulator.bounds;
    this.states = accumulator.states;
    this.#help = schema.help;
    this.#accumulator = accumulator;
    this.#arena = new Arena(accumulator.stride);
    this.#host = host;
  }

  get help(): string {
    return this.#help;
  }

  get series(): Iterable<Series> {
    return this.#series.values();
  }

  get size(): number {
    return this.#series.size;
  }

  /** Whether rows of this schema were let in before, which spares checking it again. */
  knows(schema: FamilySchema): boolean {
    return this.#doors.has(schema);
  }

  /** Takes the removed label sets out, then applies the rows. The schema was checked and fits the family. */
  apply(schema: FamilySchema, rows: readonly RowOfKind[K][], removed: readonly LabelValues[]): void {
    const door = this.#door(schema);
    this.#help = schema.help;
    for (const labelValues of removed) this.#remove(door, labelValues);
    let applied = 0;
    for (const row of rows) {
      const refusal = this.#applyRow(door, row);
      if (refusal === undefined) applied++;
      else this.#host.refused.count(this.name, refusal);
    }
    if (door.intake.rebuckets === true && applied > 0) this.#host.adjusted.count(this.name, 'bounds_differ', applied);
  }

  #applyRow({ shape, intake }: Door<K>, row: RowOfKind[K]): RefusalReason | undefined {
    if (typeof row !== 'object' || row === null) return 'malformed';
    const { labelValues } = row;
    const refusal = shape.refusal(labelValues, this.#host.limits.labelValueLength) ?? intake.refusal(row);
    if (refusal !== undefined) return refusal;
    const labels = shape.text(labelValues);
    const key = shape.key(labelValues, labels);
    const series = this.#series.get(key) ?? this.#admit(key, labels);
    if (series === undefined) return 'series_limit';
    intake.apply(row, series, labels);
    return undefined;
  }

  #admit(key: string, labels: string): Series | undefined {
    const { limits, adjusted } = this.#host;
    const own = this.#series.size - (this.#series.has(OVERFLOW) ? 1 : 0);
    if (own < limits.seriesPerFamily || key === OVERFLOW) return this.#create(key, labels);
    if (!this.#accumulator.additive) return undefined;
    adjusted.count(this.name, 'series_limit');
    return this.#series.get(OVERFLOW) ?? this.#create(OVERFLOW, OVERFLOW);
  }

  #create(key: string, labels: string): Series {
    const shown = compact(labels);
    const series = new Series(shown, this.#arena.allocate());
    this.#series.set(key === labels ? shown : key, series);
    return series;
  }

  #remove({ shape }: Door<K>, labelValues: LabelValues): void {
    // Too long a value was never let in, so any length will do here.
    if (shape.refusal(labelValues, Number.POSITIVE_INFINITY) !== undefined) {
      this.#host.refused.count(this.name, 'labels_invalid');
      return;
    }
    const key = shape.key(labelValues, shape.text(labelValues));
    const series = this.#series.get(key);
    if (series === undefined) return;
    this.#series.delete(key);
    this.#arena.release(series);
  }

  #door(schema: FamilySchema): Door<K> {
    const known = this.#doors.get(schema);
    if (known !== undefined) return known;
    const door = { shape: this.#order.shape(schema.labelNames), intake: this.#accumulator.intake(schema) };
    this.#doors.set(schema, door);
    return door;
  }
}

/** The same text in one piece: V8 keeps a concatenated string as a tree of its parts, at three times the memory. */
function compact(text: string): string {
  return Buffer.from(text).toString();
}
