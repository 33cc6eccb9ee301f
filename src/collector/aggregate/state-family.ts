import type { ExposedSeries } from '../../exposition/exposed-family.js';
import { Arena } from '../../record/arena.js';
import type { FamilyDelta, FamilySchema, LabelValues, RowOfKind } from '../../record/batch.js';
import type { MetricKind } from '../../record/recorded.js';
import type { CollectorLimits } from '../limits.js';
import type { Contributor, Origin } from './contributor.js';
import { enumRules } from './enum-rules.js';
import type { Family, FamilyHost } from './family.js';
import type { FamilyCopy, HoldingCopy, SeriesCopy, StakeCopy, StateCopy } from './family-copy.js';
import { gaugeRules } from './gauge-rules.js';
import type { FateOf, Group } from './group.js';
import { infoRules } from './info-rules.js';
import { LabelOrder, type LabelShape } from './label-order.js';
import { fromPlain, plainNumber } from './plain-number.js';
import type { RefusalReason } from './refusal.js';
import { MOST_STATES } from './schema-check.js';
import { compact, SeriesMap } from './series-map.js';
import type { StateIntake, StateKind, StateRules } from './state-rules.js';
import { Holding, type StateMode, StateSeries } from './state-series.js';
import { type StakeOwner, StateStake } from './state-stake.js';

const RULES: { readonly [K in StateKind]: (schema: FamilySchema, limits: CollectorLimits) => StateRules<K> } = {
  enum: enumRules,
  gauge: gaugeRules,
  info: (_schema, limits) => infoRules(limits),
};

/** How rows of one schema reach the family. */
interface Door<K extends StateKind> {
  readonly shape: LabelShape;
  readonly intake: StateIntake<K>;
}

/** A family whose rows are states: each producer holds its newest ones, and a series shows what its holders come to. */
export class StateFamily<K extends StateKind = StateKind> implements Family, StakeOwner {
  readonly declared: K;
  readonly name: string;
  readonly unit: string;
  readonly divisor: number;
  readonly bounds: readonly number[] = [];
  help: string;
  beforeChange: (() => void) | undefined;
  readonly #host: FamilyHost;
  readonly #merge: FamilySchema['merge'];
  readonly #rules: StateRules<K>;
  readonly #arena = new Arena(1);
  readonly #order = new LabelOrder();
  readonly #series: SeriesMap<StateSeries>;
  /** Those of living producers, and those of dead ones that left something. */
  readonly #stakes = new Set<StateStake>();
  #announcers = 0;
  /** A producer hands over the same schema object again and again. */
  readonly #doors = new WeakMap<FamilySchema, Door<K>>();

  constructor(kind: K, schema: FamilySchema, host: FamilyHost) {
    this.declared = kind;
    this.name = schema.name;
    this.unit = schema.unit;
    this.divisor = schema.divisor;
    this.help = schema.help;
    this.#host = host;
    this.#merge = schema.merge;
    this.#rules = RULES[kind](schema, host.limits);
    this.#series = new SeriesMap(host);
    this.#order.shape(schema.labelNames);
  }

  get kind(): MetricKind {
    return this.#rules.kind;
  }

  get states(): readonly string[] {
    return this.kind === 'enum' ? this.#rules.states : [];
  }

  get size(): number {
    return this.#series.size;
  }

  get isEmpty(): boolean {
    return this.size === 0 && Array.from(this.#stakes).every(({ removed }) => removed.size === 0);
  }

  get announcers(): number {
    return this.#announcers;
  }

  get series(): Iterable<ExposedSeries> {
    return this.#shown();
  }

  knows(schema: FamilySchema): boolean {
    return this.#doors.has(schema);
  }

  /** Enums that are counted are shown as another kind than those that are not. */
  conflict({ merge = 'state', labelNames, states }: FamilySchema): RefusalReason | undefined {
    if (!this.#order.hasRoom(labelNames)) return 'labels_limit';
    if (this.declared !== 'enum') return undefined;
    const known = new Set(this.#rules.states);
    if (states.filter((state) => !known.has(state)).length + known.size > MOST_STATES) return 'states_limit';
    return merge === (this.#merge ?? 'state') ? undefined : 'merge_conflict';
  }

  apply(delta: FamilyDelta, origin: Origin): void {
    const { schema, removed } = delta;
    const rows = delta.rows as readonly RowOfKind[K][];
    this.changing();
    this.help = schema.help;
    const door = this.#door(schema);
    const stake = this.#stakeOf(origin.contributor);
    for (const labelValues of removed) this.#remove(door, labelValues, stake, origin);
    let applied = 0;
    for (const row of rows) {
      const refusal = this.#applyRow(door, row, stake, origin);
      if (refusal === undefined) applied++;
      else this.#host.refused.count(this.name, refusal);
    }
    stake.settle(origin.settled);
    if (this.#host.identityLabels && door.shape.hidden !== 0 && applied > 0) {
      this.#host.adjusted.count(this.name, 'identity_label', applied);
    }
  }

  expire(fateOf: FateOf): Generator<void, void, undefined> {
    return this.#series.expire(
      fateOf,
      this.#order.hidden,
      (_key, series) => this.#drop(series),
      () => this.beforeChange?.(),
    );
  }

  discard(): void {
    this.changing();
    this.#series.clear();
    for (const { contributor } of this.#stakes) contributor.stakes.delete(this.name);
    this.#stakes.clear();
  }

  copy(): FamilyCopy {
    const series = Array.from(this.#series.values(), copyOf);
    return {
      head: {
        kind: this.declared,
        name: this.name,
        help: this.help,
        unit: this.unit,
        labels: [...this.#order.names],
        layouts: [[[], this.divisor]],
        layout: 0,
        states: [...this.#rules.states],
        ...(this.#merge !== undefined && { merge: this.#merge }),
      },
      stakes: Array.from(this.#stakes, ({ contributor, removed }) => [contributor.id, [...removed]]),
      size: this.size,
      series: (from, to) => series.slice(from, to),
    };
  }

  restoreStake([, removed]: StakeCopy, contributor: Contributor): void {
    const stake = this.#stakeOf(contributor);
    for (const [key, seq] of removed as readonly (readonly [string, number])[]) stake.removed.set(key, seq);
  }

  restoreSeries(copy: SeriesCopy, groups: ReadonlyMap<number, Group>, contributors: ReadonlyMap<number, Contributor>): void {
    const [key, labels, group, mode, holders, legacy] = copy as StateCopy;
    const series = this.#create(key ?? labels, labels, groups.get(group)!, this.#rules.mode(mode));
    if (legacy !== null) series.legacy = { value: fromPlain(legacy[0]), weight: legacy[1], stamp: legacy[2] };
    for (const [id, own, value, seq, stamp] of holders.toReversed()) {
      const stake = this.#stakeOf(contributors.get(id)!);
      this.#hold(stake, own ?? series.key, series, fromPlain(value), seq, stamp);
    }
  }

  /** @internal */
  changing(): void {
    this.beforeChange?.();
  }

  /** @internal */
  announce(by: 1 | -1): void {
    this.#announcers += by;
  }

  /** @internal */
  lose(holding: Holding): void {
    const { series } = holding;
    series.unlink(holding);
    this.#stakeOf(holding.contributor).holdings.delete(holding.key);
    if (!series.isHeld) this.#drop(series);
  }

  /** @internal */
  bequeath(holding: Holding): void {
    const { series } = holding;
    if (!series.mode.live) series.legacy = series.mode.bequeath(series.legacy, holding);
    this.lose(holding);
  }

  /** @internal */
  release(stake: StateStake): void {
    if (this.#stakes.delete(stake)) stake.contributor.stakes.delete(this.name);
  }

  *#shown(): Generator<ExposedSeries, void, undefined> {
    const { shown } = this.#rules;
    for (const series of this.#series.values()) {
      if (shown !== undefined) {
        yield* shown(series);
        continue;
      }
      if (series.isStale) series.cells[series.offset] = series.mode.fold(series);
      series.isStale = false;
      yield series;
    }
  }

  #applyRow({ shape, intake }: Door<K>, row: RowOfKind[K], stake: StateStake, origin: Origin): RefusalReason | undefined {
    if (typeof row !== 'object' || row === null) return 'malformed';
    const { labelValues } = row;
    const { contributor, seq, stamp } = origin;
    const { group } = contributor;
    const { mode } = intake;
    const refusal = shape.refusal(labelValues, this.#host.limits.labelValueLength) ?? intake.refusal(row);
    if (refusal !== undefined) return refusal;
    if (labelValues.length < shape.size) return 'labels_invalid';
    const labels = shape.text(labelValues, group);
    const key = shape.key(labelValues, labels, group);
    const held = stake.holdings.get(key);
    if (mode.live && !contributor.live) return undefined;
    if (held === undefined ? isOutdated(stake, key, mode, seq) : held.seq > seq) return undefined;
    const place = intake.place?.(row, labels, key, contributor);
    const shownKey = place?.key ?? key;
    const value = intake.value(row, held?.value);
    if (held?.series.key === shownKey) {
      if (held.series.mode !== mode) this.#changeMode(held.series, mode);
      if (held.series.group !== group) this.#series.adopt(shownKey, held.series, group);
      if (!Object.is(held.value, value) || (this.#rules.isChangedByRepetition && !origin.isWhole)) held.stamp = stamp;
      held.value = value;
      held.seq = seq;
      held.series.isStale = true;
      return undefined;
    }
    if (held !== undefined) this.lose(held);
    const known = this.#series.get(shownKey);
    const limit = known === undefined ? this.#series.limitOf(shownKey, group) : undefined;
    if (limit !== undefined) return limit;
    const series = known ?? this.#create(shownKey, place?.labels ?? labels, group, mode);
    if (series.group !== group) this.#series.adopt(shownKey, series, group);
    if (series.mode !== mode) this.#changeMode(series, mode);
    this.#hold(stake, key === series.key ? series.key : compact(key), series, value, seq, stamp);
    return undefined;
  }

  #hold(stake: StateStake, key: string, series: StateSeries, value: number, seq: number, stamp: number): void {
    const holding = new Holding(stake.contributor, key, series, value, seq, stamp);
    stake.holdings.set(key, holding);
    series.link(holding);
  }

  /** Of producers that declare different modes the last one decides, as with help. */
  #changeMode(series: StateSeries, mode: StateMode): void {
    this.#host.adjusted.count(this.name, 'merge_differs');
    series.mode = mode;
    series.isStale = true;
  }

  #create(key: string, labels: string, group: Group, mode: StateMode): StateSeries {
    const shown = compact(labels);
    const series = new StateSeries(key === labels ? shown : compact(key), shown, this.#arena.allocate(), group, mode);
    this.#series.add(series.key, series);
    return series;
  }

  #remove({ shape }: Door<K>, labelValues: LabelValues, stake: StateStake, { contributor, seq, settled }: Origin): void {
    // Too long a value was never let in, so any length will do here.
    if (shape.refusal(labelValues, Number.POSITIVE_INFINITY) !== undefined) {
      this.#host.refused.count(this.name, 'labels_invalid');
      return;
    }
    const key = shape.key(labelValues, shape.text(labelValues, contributor.group), contributor.group);
    const held = stake.holdings.get(key);
    if (held !== undefined && held.seq > seq) return;
    if (held !== undefined) this.lose(held);
    if (seq > settled) stake.removed.set(key, Math.max(seq, stake.removed.get(key) ?? 0));
  }

  #drop(series: StateSeries): void {
    this.changing();
    for (let holding = series.holders; holding !== undefined; holding = holding.next) {
      const stake = this.#stakeOf(holding.contributor);
      stake.holdings.delete(holding.key);
      stake.releaseIfEmpty();
    }
    this.#series.delete(series.key, series);
    const { cells, offset } = series;
    this.#arena.release({ cells, offset });
  }

  #stakeOf(contributor: Contributor): StateStake {
    const known = contributor.stakes.get(this.name);
    if (known instanceof StateStake && this.#stakes.has(known)) return known;
    const stake = new StateStake(contributor, this);
    this.#stakes.add(stake);
    contributor.stakes.set(this.name, stake);
    return stake;
  }

  #door(schema: FamilySchema): Door<K> {
    const known = this.#doors.get(schema);
    if (known !== undefined) return known;
    const door = { shape: this.#order.shape(schema.labelNames), intake: this.#rules.intake(schema) };
    this.#doors.set(schema, door);
    return door;
  }
}

/** Whether younger batches said that the label set is gone, or the life that wrote it is over. */
function isOutdated({ removed, contributor }: StateStake, key: string, mode: StateMode, seq: number): boolean {
  return (mode.live && seq <= contributor.floor) || (removed.size > 0 && (removed.get(key) ?? 0) > seq);
}

function copyOf({ key, labels, group, mode, holders, legacy }: StateSeries): StateCopy {
  const held: HoldingCopy[] = [];
  for (let holding = holders; holding !== undefined; holding = holding.next) {
    const { contributor, value, seq, stamp } = holding;
    held.push([contributor.id, holding.key === key ? null : holding.key, plainNumber(value), seq, stamp]);
  }
  const left = legacy === undefined ? null : ([plainNumber(legacy.value), legacy.weight, legacy.stamp] as const);
  return [key === labels ? null : key, labels, group.id, mode.name, held, left];
}
