import { Arena } from '../../record/arena.js';
import type { ExemplarDelta, FamilyDelta, FamilySchema, HistogramDelta, LabelValues, RowOfKind, SummaryDelta } from '../../record/batch.js';
import type { Accumulator, AdditiveKind, Intake } from './accumulator.js';
import { copySeries } from './additive-copy.js';
import { AdditiveStake } from './additive-stake.js';
import { type BucketLayout, bucketTargets } from './bucket-targets.js';
import { type Contributor, type Origin, SHARED } from './contributor.js';
import { counterAccumulator } from './counter-accumulator.js';
import type { Family, FamilyHost } from './family.js';
import type { AdditiveCopy, FamilyCopy, FamilyHead, SeriesCopy, StakeCopy } from './family-copy.js';
import { isSoundExemplar, putExemplar, takeExemplars } from './family-exemplars.js';
import { FamilySketches } from './family-sketches.js';
import type { FateOf, Group } from './group.js';
import { histogramAccumulator } from './histogram-accumulator.js';
import { LabelOrder, type LabelShape } from './label-order.js';
import { type Layout, Layouts } from './layout.js';
import { fromPlain } from './plain-number.js';
import type { RefusalReason } from './refusal.js';
import { scaleBetween } from './scale.js';
import { Series } from './series.js';
import { compact, SeriesMap } from './series-map.js';
import { summaryAccumulator } from './summary-accumulator.js';

/** Label values of the overflow series. */
const OVERFLOWING: LabelValues = [];

const ACCUMULATORS: { readonly [K in AdditiveKind]: (layout: Layout) => Accumulator<K> } = {
  counter: counterAccumulator,
  histogram: histogramAccumulator,
  summary: summaryAccumulator,
};

/** How rows of one schema reach the family. */
interface Door<K extends AdditiveKind> {
  readonly shape: LabelShape;
  readonly intake: Intake<K>;
  readonly layout: Layout;
  readonly schema: FamilySchema;
}

/** A family whose rows add up: whoever dies, what was counted stays. */
export class AdditiveFamily<K extends AdditiveKind = AdditiveKind> implements Family {
  readonly declared: K;
  readonly name: string;
  readonly unit: string;
  readonly states: readonly string[] = [];
  help: string;
  beforeChange: (() => void) | undefined;
  readonly #host: FamilyHost;
  readonly #order = new LabelOrder();
  readonly #layouts: Layouts;
  /** Those of living producers. */
  readonly #stakes = new Set<AdditiveStake>();
  readonly #sketches: FamilySketches;
  #accumulator: Accumulator<K>;
  #arena: Arena;
  readonly #series: SeriesMap<Series>;
  /** A producer hands over the same schema object again and again. */
  #doors = new WeakMap<FamilySchema, Door<K>>();

  /**
   * @param layouts of a family that is brought back
   * @param layout index of the one in use
   */
  constructor(kind: K, schema: FamilySchema, host: FamilyHost, layouts?: FamilyHead['layouts'], layout?: number) {
    this.declared = kind;
    this.name = schema.name;
    this.unit = schema.unit;
    this.help = schema.help;
    this.#host = host;
    this.#layouts = new Layouts(layouts?.map(([bounds, divisor]) => ({ bounds, divisor })) ?? [layoutOf(kind, schema)], layout);
    this.#order.shape(schema.labelNames);
    this.#accumulator = ACCUMULATORS[kind](this.#layouts.current);
    this.#arena = new Arena(this.#accumulator.stride);
    this.#series = new SeriesMap(host);
    this.#sketches = new FamilySketches(host, () => this.#layouts.current);
    this.#sketches.learn(schema);
  }

  get kind(): K {
    return this.declared;
  }

  get bounds(): readonly number[] {
    return this.#layouts.current.bounds;
  }

  get divisor(): number {
    return this.#layouts.current.divisor;
  }

  get quantiles(): readonly number[] | undefined {
    const { quantiles } = this.#sketches;
    return quantiles.length === 0 ? undefined : quantiles;
  }

  get series(): Iterable<Series> {
    return this.#series.values();
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  get announcers(): number {
    return this.#stakes.size;
  }

  get size(): number {
    return this.#series.size;
  }

  knows(schema: FamilySchema): boolean {
    return this.#doors.has(schema);
  }

  conflict({ labelNames }: FamilySchema): RefusalReason | undefined {
    return this.#order.hasRoom(labelNames) ? undefined : 'labels_limit';
  }

  apply(delta: FamilyDelta, origin: Origin): void {
    const { schema, removed } = delta;
    const rows = delta.rows as readonly RowOfKind[K][];
    this.beforeChange?.();
    this.help = schema.help;
    const door = this.#announced(schema, origin.contributor);
    for (const labelValues of removed) this.#remove(door, labelValues, origin);
    let applied = 0;
    for (const row of rows) {
      const refusal = this.#applyRow(door, row, origin.contributor);
      if (refusal === undefined) applied++;
      else this.#host.refused.count(this.name, refusal);
    }
    if (delta.exemplars !== undefined) this.#applyExemplars(door, delta.exemplars, origin.contributor);
    if (applied === 0) return;
    if (door.intake.rebuckets === true) this.#host.adjusted.count(this.name, 'bounds_differ', applied);
    if (this.#host.identityLabels && door.shape.hidden !== 0) this.#host.adjusted.count(this.name, 'identity_label', applied);
  }

  expire(fateOf: FateOf): Generator<void, void, undefined> {
    return this.#series.expire(
      fateOf,
      this.#order.hidden,
      (key, series) => this.#drop(key, series),
      () => this.beforeChange?.(),
    );
  }

  discard(): void {
    this.beforeChange?.();
    for (const { extra } of this.#series.values()) takeExemplars(extra, this.#host.quota);
    this.#series.clear();
  }

  copy(now: number): FamilyCopy {
    const { known, current } = this.#layouts;
    return {
      head: {
        kind: this.declared,
        name: this.name,
        help: this.help,
        unit: this.unit,
        labels: [...this.#order.names],
        layouts: known.map(({ bounds, divisor }) => [bounds, divisor]),
        layout: known.indexOf(current),
        states: [],
        ...this.#sketches.head(),
      },
      stakes: Array.from(this.#stakes, ({ contributor, layouts, sketches }): StakeCopy => {
        const indexes = layouts.map((layout) => known.indexOf(layout));
        return sketches ? [contributor.id, indexes, true] : [contributor.id, indexes];
      }),
      ...copySeries(this.#series, this.#accumulator.stride, this.#sketches, now),
    };
  }

  restoreStake([, layouts, sketches]: StakeCopy, contributor: Contributor): void {
    const stake = this.#join(contributor);
    if (sketches === true) this.#announceSketches(stake);
    for (const index of layouts) this.#layouts.announce(stake.layouts, this.#layouts.known[index as number]!);
  }

  restoreSeries(copy: SeriesCopy, groups: ReadonlyMap<number, Group>): void {
    const [key, labels, group, writer, cells, sketches] = copy as AdditiveCopy;
    const series = this.#create(key ?? labels, labels, groups.get(group)!, writer);
    for (const [i, cell] of cells.entries()) series.cells[series.offset + i] = fromPlain(cell);
    if (sketches !== undefined) this.#sketches.restore(series, sketches);
  }

  #applyRow(door: Door<K>, row: RowOfKind[K], contributor: Contributor): RefusalReason | undefined {
    const { shape, intake } = door;
    if (typeof row !== 'object' || row === null) return 'malformed';
    const { labelValues } = row;
    const { group, id } = contributor;
    const unfit = shape.refusal(labelValues, this.#host.limits.labelValueLength);
    const isLong = unfit === 'label_value_limit';
    const refusal = (isLong ? undefined : unfit) ?? intake.refusal(row);
    if (refusal !== undefined) return refusal;
    if (isLong) this.#host.adjusted.count(this.name, 'label_value_limit');
    else if (labelValues.length < shape.size) this.#host.adjusted.count(this.name, 'producer_limit');
    const shown = isLong ? OVERFLOWING : labelValues;
    const labels = shape.text(shown, group);
    const key = shape.key(shown, labels, group);
    const series = this.#series.get(key) ?? this.#admit(key, labels, contributor);
    if (series.writer !== id) series.writer = SHARED;
    if (series.group !== group) this.#series.adopt(key, series, group);
    if (this.#sketches.isOn) this.#applyWithSketch(door, row, series);
    else intake.apply(row, series);
    return undefined;
  }

  #applyWithSketch({ intake, schema }: Door<K>, row: RowOfKind[K], series: Series): void {
    if (this.declared === 'summary') {
      this.#sketches.addSummary(series, row as SummaryDelta);
      intake.apply(row, series);
      return;
    }
    this.#sketches.open(series);
    intake.apply(row, series);
    if (!this.#sketches.addHistogram(series, row as HistogramDelta, schema)) this.#host.adjusted.count(this.name, 'sketch_missing');
  }

  #applyExemplars({ shape, schema }: Door<K>, exemplars: readonly ExemplarDelta[], { group }: Contributor): void {
    const scaled = scaleBetween(schema.divisor, this.divisor);
    const isTaken = this.declared !== 'summary' && Array.isArray(exemplars);
    for (const exemplar of isTaken ? exemplars : [undefined as never]) {
      if (!isSoundExemplar(exemplar) || shape.refusal(exemplar.labelValues, Number.POSITIVE_INFINITY) !== undefined) {
        this.#host.refused.count(this.name, 'exemplar_invalid');
        continue;
      }
      const { labelValues, labels, value, timestamp } = exemplar;
      const series = this.#series.get(shape.key(labelValues, shape.text(labelValues, group), group));
      // A new label set that was folded has no place for exemplars of its own.
      if (series === undefined) continue;
      const extra = this.#sketches.extraOf(series);
      const isKept = putExemplar(extra, { labels, value: scaled(value), timestamp }, this.#layouts.current, this.#host.quota);
      if (!isKept) this.#host.adjusted.count(this.name, 'exemplar_limit');
    }
  }

  /** The series of a new label set; beyond the limits, the one where such label sets fold into, so that totals stay right. */
  #admit(key: string, labels: string, { group, id }: Contributor): Series {
    const limit = this.#series.limitOf(key, group);
    if (limit === undefined) return this.#create(key, labels, group, id);
    this.#host.adjusted.count(this.name, limit);
    return this.#series.get(group.overflow) ?? this.#create(group.overflow, group.overflow, group, id);
  }

  #create(key: string, labels: string, group: Group, writer: number): Series {
    const series = new Series(compact(labels), this.#arena.allocate(), group, writer);
    this.#series.add(key, series);
    return series;
  }

  /**
   * Takes a label set out if all of its count is what this producer has told to take out: no other has written to the series, and nothing that was
   * counted after the removal came before it.
   */
  #remove({ shape }: Door<K>, labelValues: LabelValues, { contributor, seq }: Origin): void {
    // Too long a value was never let in, so any length will do here.
    if (shape.refusal(labelValues, Number.POSITIVE_INFINITY) !== undefined) {
      this.#host.refused.count(this.name, 'labels_invalid');
      return;
    }
    const key = shape.key(labelValues, shape.text(labelValues, contributor.group), contributor.group);
    const series = this.#series.get(key);
    if (series === undefined) return;
    if (series.writer === contributor.id && seq > contributor.lastSeq) this.#drop(key, series);
    else this.#host.adjusted.count(this.name, 'removal_ignored');
  }

  #drop(key: string, series: Series): void {
    this.beforeChange?.();
    this.#series.delete(key, series);
    const { cells, offset } = series;
    this.#arena.release({ cells, offset });
    this.#sketches.release(series);
    takeExemplars(series.extra, this.#host.quota);
  }

  /** The door for a schema, which this producer announces by its use. */
  #announced(schema: FamilySchema, contributor: Contributor): Door<K> {
    const door = this.#door(schema);
    if (!contributor.live) return door;
    const stake = this.#join(contributor);
    this.#layouts.announce(stake.layouts, door.layout);
    if (schema.sketch !== undefined && !stake.sketches) {
      this.#announceSketches(stake);
      // They may have ended since the schema was seen first.
      this.#sketches.learn(schema);
    }
    this.#endSketches();
    return this.#takeOver() ? this.#door(schema) : door;
  }

  /** What the producer has announced so far. */
  #join(contributor: Contributor): AdditiveStake {
    const known = contributor.stakes.get(this.name);
    if (known instanceof AdditiveStake && this.#stakes.has(known)) return known;
    const stake = new AdditiveStake(contributor, () => this.#leave(stake));
    this.#stakes.add(stake);
    contributor.stakes.set(this.name, stake);
    return stake;
  }

  #leave(stake: AdditiveStake): void {
    this.beforeChange?.();
    this.#stakes.delete(stake);
    stake.contributor.stakes.delete(this.name);
    this.#layouts.withdraw(stake.layouts);
    if (stake.sketches) this.#sketches.announcers--;
    this.#endSketches();
    this.#takeOver();
  }

  #announceSketches(stake: AdditiveStake): void {
    stake.sketches = true;
    this.#sketches.announcers++;
  }

  /** Producers live, and none of them sends sketches any more: those that are there would stand still. */
  #endSketches(): void {
    if (this.#sketches.isOn && this.#sketches.announcers === 0 && this.#stakes.size > 0) this.#sketches.end(this.#series.values());
  }

  /** Brings all series to the newest layout in use if theirs is no longer. Whoever is reading goes on with the series as they were. */
  #takeOver(): boolean {
    const { bounds, divisor } = this.#layouts.current;
    const layout = this.#layouts.takeOver();
    if (layout === undefined) return false;
    const targets = bucketTargets(layout, { bounds, divisor }) ?? [...bounds.keys(), bounds.length];
    this.#accumulator = ACCUMULATORS[this.declared](layout);
    const { stride } = this.#accumulator;
    const arena = new Arena(stride);
    this.#arena = arena;
    this.#doors = new WeakMap();
    this.#series.replace((old) => {
      const series = new Series(old.labels, arena.allocate(), old.group, old.writer);
      for (const [i, target] of targets.entries()) series.cells[series.offset + target]! += old.cells[old.offset + i]!;
      series.cells[series.offset + stride - 1] = (old.cells[old.offset + bounds.length + 1]! / divisor) * layout.divisor;
      series.extra = old.extra;
      for (const { labels, value, timestamp } of takeExemplars(old.extra, this.#host.quota)) {
        putExemplar(
          this.#sketches.extraOf(series),
          { labels, value: (value / divisor) * layout.divisor, timestamp },
          layout,
          this.#host.quota,
        );
      }
      return series;
    });
    this.#host.adjusted.count(this.name, 'bounds_replaced', this.size);
    return true;
  }

  #door(schema: FamilySchema): Door<K> {
    const known = this.#doors.get(schema);
    if (known !== undefined) return known;
    const layout = this.#layouts.find(layoutOf(this.declared, schema));
    const door = { shape: this.#order.shape(schema.labelNames), intake: this.#accumulator.intake(schema), layout, schema };
    this.#sketches.learn(schema);
    this.#doors.set(schema, door);
    return door;
  }
}

/** Bounds mean something to histograms only, whatever else declares some. */
function layoutOf(kind: AdditiveKind, { bounds, divisor }: FamilySchema): BucketLayout {
  return { bounds: kind === 'histogram' ? bounds : [], divisor };
}
