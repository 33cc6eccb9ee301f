import type { ExemplarDelta, FamilyDelta, LabelValues, RowOfKind } from '../record/batch.js';
import type { MetricKind, RecordValue } from '../record/recorded.js';
import type { MetricDefinition } from './definition.js';
import { LabelIndex } from './label-index.js';
import { type LabelInput, readLabels, type UnfitLabels } from './label-reader.js';
import { type CallPosition, COUNT, type MetricHost } from './metric-host.js';
import type { Series, SeriesOwner } from './series.js';

const OVERFLOW_LABEL = 'phanos_overflow';
const ADDITIVE: ReadonlySet<MetricKind> = new Set(['counter', 'histogram', 'summary']);

/** Makes the series of one kind. */
export type SeriesFactory<S extends Series> = (table: SeriesOwner, labelValues: readonly string[]) => S;

/**
 * The series of one metric: checks labels, finds or makes series, folds what is beyond the limit.
 *
 * Several handles of the same definition share one table.
 */
export class SeriesTable<S extends Series = Series> implements SeriesOwner {
  readonly definition: MetricDefinition;
  readonly #make: SeriesFactory<Series>;
  readonly #index: LabelIndex<Series>;
  readonly #constants: readonly string[];
  readonly #names: readonly string[];
  /** Labels come from the caller alone. */
  readonly #plain: boolean;
  /** The only series of a metric without labels. */
  #single: Series | undefined;
  #overflow: Series | undefined;
  #removed: LabelValues[] = [];
  #host: MetricHost | undefined;
  /** Lanes that listen; 0 while the metric is registered nowhere. */
  lanes = 0;
  /** Asked before each scrape or flush: a gauge's `collect`. */
  beforeDrain: (() => void | Promise<void>) | undefined;
  /** Call path given to `storeOperation`, while its operation runs. */
  methodOverride: string | undefined;

  constructor(definition: MetricDefinition, make: SeriesFactory<S>) {
    this.definition = definition;
    this.#make = make;
    this.#constants = definition.constantLabels.map(([, value]) => value);
    this.#names = definition.labelNames;
    this.#plain = definition.contextLabels.length === 0;
    this.#index = new LabelIndex<Series>(Math.max(1, definition.labelNames.length + definition.contextLabels.length));
  }

  get labelValueLength(): number {
    return this.#host?.limits.labelValueLength ?? Number.POSITIVE_INFINITY;
  }

  get host(): MetricHost | undefined {
    return this.#host;
  }

  /** Registers the table with a profiler, or with none; its series go along. */
  attach(host: MetricHost | undefined): void {
    this.lanes = host?.lanes ?? 0;
    if (host === this.#host) return;
    this.#host?.leave(this);
    this.#host = host;
    if (host === undefined) return;
    for (const series of this.series()) this.markDirty(series);
    if (this.#isSolitary) this.#solitary();
  }

  /** Takes every series out of the output; handles that are held begin anew. */
  retire(): void {
    for (const series of [...this.series()]) this.#forget(series);
  }

  *series(): Generator<Series> {
    if (this.#single !== undefined) yield this.#single;
    yield* this.#index.entries();
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  /**
   * The series for these labels, made if need be; undefined if the labels are refused.
   *
   * @param labels every declared label and no other
   */
  find(labels: LabelInput | undefined): S | undefined {
    if (this.#plain) {
      try {
        const known = labels === undefined ? this.#single : this.#index.find(this.#names, labels);
        if (known !== undefined) return known as S;
      } catch {
        // Null, or a getter that throws: whoever reads the labels again says so.
      }
    }
    return this.#findOrMake(labels);
  }

  /**
   * The series that a child handle for these labels may hold; undefined if they are refused. `'changing'` if the handle has to look at each operation, because the
   * metric has labels of the running call, or because there is no room for a series of its own: its records have its labels even so.
   */
  bind(labels: LabelInput): S | 'changing' | undefined {
    if (this.definition.contextLabels.length > 0) return 'changing';
    const series = this.find(labels);
    return series?.labelValues === OVERFLOW_VALUES ? 'changing' : series;
  }

  #findOrMake(labels: LabelInput | undefined): S | undefined {
    const { labelNames, contextLabels } = this.definition;
    const values: string[] = [];
    const unfit = this.#read(labels, values);
    if (unfit !== undefined) {
      const { reason, message } = unfit;
      if (!this.#isFolded(unfit)) {
        this.refuse(reason, message);
        return undefined;
      }
      this.#reportRefusal(reason, `${message}; it counts as {${OVERFLOW_LABEL}="true"}, without a record`);
      return this.#overflowSeries() as S;
    }
    if (labelNames.length === 0 && contextLabels.length === 0) return this.#solitary() as S;
    if (contextLabels.length > 0) this.#readContext(values);
    return this.#lookUp(values) as S | undefined;
  }

  /** As {@link find} for label values that the caller guarantees: declared, then context ones. */
  findByValues(values: readonly string[]): S {
    return (this.#lookUp(values) ?? this.#overflowSeries()) as S;
  }

  /** The series for these labels if it exists. */
  peek(labels: LabelInput | undefined): S | undefined {
    const values: string[] = [];
    const unfit = this.#read(labels, values);
    if (unfit !== undefined) {
      if (!this.#isFolded(unfit)) this.refuse(unfit.reason, unfit.message);
      return undefined;
    }
    if (this.#isSolitary) return this.#single as S | undefined;
    if (this.definition.contextLabels.length > 0) this.#readContext(values);
    return this.#index.get(values) as S | undefined;
  }

  /** Checks labels and copies them for a record, in the order in which the caller gave them. Undefined if they are refused. */
  #recordLabels(labels: LabelInput | undefined): Record<string, string> | undefined {
    const values: string[] = [];
    const unfit = this.#read(labels, values);
    if (unfit !== undefined) {
      // Where the operation is counted too, that has told what is folded.
      if (!this.#isFolded(unfit) || (this.lanes & COUNT) === 0) this.refuse(unfit.reason, unfit.message);
      return undefined;
    }
    const copy: Record<string, string> = {};
    let copied = 0;
    if (labels !== undefined) {
      for (const name of Object.keys(labels)) {
        const at = this.#names.indexOf(name);
        if (at < 0) continue;
        copy[name] = values[at] as string;
        copied++;
      }
    }
    // The rest was inherited.
    if (copied < values.length) for (const [at, name] of this.#names.entries()) copy[name] ??= values[at] as string;
    return this.#withConstants(copy);
  }

  /** Makes a record of an operation that came through a child handle; its labels are in declared order. */
  recordOf(series: Series, operation: string, value: RecordValue): void {
    const labels: Record<string, string> = {};
    for (const [at, name] of this.definition.labelNames.entries()) labels[name] = series.labelValues[at] ?? '';
    this.#host?.record(this, operation, value, this.#withConstants(labels), this.methodOverride);
  }

  /** Makes a record if the labels are right. */
  record(operation: string, value: RecordValue, labels: LabelInput | undefined): void {
    const copy = this.#recordLabels(labels);
    if (copy !== undefined) this.#host?.record(this, operation, value, copy, this.methodOverride);
  }

  remove(labels: LabelInput | undefined): boolean {
    const series = this.peek(labels);
    if (series === undefined) return false;
    this.#forget(series);
    return true;
  }

  /** Removes every series; a metric without labels begins again at its first state. */
  reset(): void {
    this.retire();
    if (this.#isSolitary) this.#solitary();
  }

  markDirty(series: Series): void {
    series.dirty = true;
    this.#host?.markDirty(series);
  }

  /** Takes the deltas of these series, all of this table. */
  drain(changed: readonly Series[]): FamilyDelta {
    const rows: RowOfKind[MetricKind][] = [];
    const exemplars: ExemplarDelta[] = [];
    const push = (row: RowOfKind[MetricKind] | undefined): void => void (row !== undefined && rows.push(row));
    for (const series of changed) {
      series.dirty = false;
      series.ops = 0;
      if (series.removed) continue;
      series.told = true;
      push(series.take());
      series.takeExemplars(exemplars);
    }
    const removed = this.#removed;
    this.#removed = [];
    const { kind, schema } = this.definition;
    return { kind, schema, rows, removed, ...(exemplars.length > 0 && { exemplars }) } as FamilyDelta;
  }

  refuse(reason: string, message: string): void {
    this.#reportRefusal(reason, `${message}; nothing was recorded`);
  }

  #reportRefusal(reason: string, message: string): void {
    const { kind, name } = this.definition;
    const diagnostics = this.#host?.diagnostics;
    diagnostics?.count(reason, name);
    diagnostics?.report('error', `${reason} ${name}`, { metric: name, reason }, `${kind} '${name}': ${message}`);
  }

  dropExemplar(message: string): void {
    const { kind, name } = this.definition;
    const diagnostics = this.#host?.diagnostics;
    diagnostics?.count('exemplar', name);
    const text = `${kind} '${name}': an exemplar was left out, its value counts; ${message}`;
    diagnostics?.report('error', `exemplar ${name}`, { metric: name, reason: 'exemplar' }, text);
  }

  #solitary(): Series {
    if (this.#single === undefined) {
      this.#single = this.#make(this, this.#constants);
      this.markDirty(this.#single);
    }
    return this.#single;
  }

  /** @param values of declared and context labels; constant ones are the same for all series and not looked at */
  #lookUp(values: readonly string[]): Series | undefined {
    const known = this.#index.get(values);
    if (known !== undefined) return known;
    if (this.#index.size >= (this.#host?.limits.seriesPerMetric ?? Number.POSITIVE_INFINITY)) {
      const { kind, name } = this.definition;
      this.#host?.diagnostics.count('series_limit', name);
      this.#host?.diagnostics.report(
        'warn',
        `series_limit ${name}`,
        { metric: name, limit: this.#index.size },
        `metric '${name}' has reached its limit of series; ${ADDITIVE.has(kind) ? `new label sets count as {${OVERFLOW_LABEL}="true"}` : 'new label sets are refused'}. Use labels with fewer values, or raise limits.seriesPerMetric`,
      );
      return ADDITIVE.has(kind) ? this.#overflowSeries() : undefined;
    }
    const series = this.#make(this, [...values, ...this.#constants]);
    this.#index.set(values, series);
    this.markDirty(series);
    return series;
  }

  #overflowSeries(): Series {
    if (this.#overflow === undefined) {
      this.#overflow = this.#make(this, OVERFLOW_VALUES);
      this.markDirty(this.#overflow);
    }
    return this.#overflow;
  }

  /** Makes a series for the label set of another table's that a collector may know of, so that retiring this table takes it out of the output. */
  adopt(other: Series): void {
    const series = other.told ? this.successorOf(other) : undefined;
    if (series !== undefined) series.told = true;
  }

  /** The series that has the label set of another one, removed or of another table, made if need be; undefined if there is no room for it. */
  successorOf({ labelValues }: Series): Series | undefined {
    if (labelValues === OVERFLOW_VALUES) return this.#overflowSeries();
    if (this.#isSolitary) return this.#solitary();
    return this.#lookUp(labelValues.slice(0, labelValues.length - this.#constants.length));
  }

  #forget(series: Series): void {
    if (series === this.#single) this.#single = undefined;
    else if (series === this.#overflow) this.#overflow = undefined;
    else this.#index.delete(series.labelValues);
    series.clear();
    series.release();
    series.removed = true;
    if (!series.told) {
      series.dirty = false;
      this.#host?.unmark();
      return;
    }
    this.#removed.push(series.labelValues);
    // So that the next drain comes by, even if nothing else happens.
    if (!series.dirty) this.markDirty(series);
  }

  /** True for metrics of one series: all its labels are constant. */
  get #isSolitary(): boolean {
    return this.definition.schema.labelNames.length === this.#constants.length;
  }

  #readContext(values: string[]): void {
    const position = this.#host?.position() ?? NOWHERE;
    for (const label of this.definition.contextLabels) {
      if (label === 'method') values.push(this.#methodLabel(position));
      else if (label === 'function') values.push(position.functionLabel);
      else values.push(position.failed ? 'true' : 'false');
    }
  }

  #methodLabel({ context, methodLabel }: CallPosition): string {
    const path = this.methodOverride;
    return path === undefined || path === context ? methodLabel : (this.#host?.methodLabelOf(path) ?? path);
  }

  #read(labels: LabelInput | undefined, values: string[]): UnfitLabels | undefined {
    const needs = { names: this.#names, maxLength: this.labelValueLength, allowsErrorRaised: this.#host?.errorRaisedLabel === true };
    return readLabels(labels, needs, values);
  }

  /** Of kinds that add up, label sets with a long value count together, so that totals stay right. */
  #isFolded({ reason }: UnfitLabels): boolean {
    return reason === 'label_too_long' && ADDITIVE.has(this.definition.kind);
  }

  #withConstants(labels: Record<string, string>): Record<string, string> {
    for (const [name, value] of this.definition.constantLabels) labels[name] = value;
    return labels;
  }
}

/** An empty label set on a family with labels means overflow, on the wire too. */
const OVERFLOW_VALUES: readonly string[] = [];
const NOWHERE: CallPosition = { context: '', methodLabel: '', functionLabel: '', failed: false };
