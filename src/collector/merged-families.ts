import type { ExposedFamily, ExposedSeries } from '../exposition/exposed-family.js';
import { occupiedNames } from '../exposition/sample-name.js';
import { CountArena } from '../sketch/count-arena.js';
import { DEFAULT_MAX_BUCKETS, Sketch } from '../sketch/sketch.js';
import type { SketchView } from '../sketch/sketch-view.js';
import { bucketTargets } from './aggregate/bucket-targets.js';
import { scaleBetween } from './aggregate/scale.js';

/** Why a family, or one of its series, is left out where collectors are shown together. The words are label values, so they stay as they are. */
export type LeftOut = 'kind_conflict' | 'name_conflict' | 'same_series' | 'unit_conflict';

export interface MergeOptions {
  /** Told of what a scrape can't show together with what came before it; in the reading of it for series. */
  readonly onLeftOut?: (family: ExposedFamily, reason: LeftOut) => void;
  /**
   * Whether another collector may have a series with the same labels, too, as it is when two workers of an instance report in different ways.
   * @default any may
   */
  readonly mayMeet?: (labels: string) => boolean;
  /**
   * Whether the family is of the kind and unit that were shown under its name before: it goes before others of that name.
   * @default none is
   */
  readonly wasShown?: (family: ExposedFamily) => boolean;
}

/**
 * The families of several collectors as those of one: each name once, with the series of all. Series with the same labels become one, if they add up;
 * else the first one is shown.
 */
export function mergedFamilies(
  sources: readonly Iterable<ExposedFamily>[],
  { onLeftOut = () => undefined, mayMeet = () => true, wasShown = () => false }: MergeOptions = {},
): readonly ExposedFamily[] {
  if (sources.length === 1) return [...sources[0]!];
  const byName = new Map<string, ExposedFamily[]>();
  for (const family of sources.flatMap((families) => [...families])) {
    const known = byName.get(family.name);
    if (known === undefined) byName.set(family.name, [family]);
    else known.push(family);
  }
  const shown: NamesakeGroup[] = [];
  const newcomers: NamesakeGroup[] = [];
  for (const group of byName.values()) {
    const known = group.find(wasShown);
    if (known === undefined) newcomers.push({ first: group[0]!, group });
    else shown.push({ first: known, group });
  }
  const occupied = new Set<string>();
  const merged: ExposedFamily[] = [];
  // In this order, so that no newcomer takes the name of a sample that was shown.
  for (const { first, group } of [...shown, ...newcomers]) {
    const names = occupiedNames(first.kind, first.name);
    const isTaken = names.some((sample) => occupied.has(sample));
    const fitting = group.filter((family) => {
      const conflict = isTaken ? 'name_conflict' : conflictBetween(first, family);
      if (conflict !== undefined) onLeftOut(family, conflict);
      return conflict === undefined;
    });
    if (fitting.length === 0) continue;
    for (const sample of names) occupied.add(sample);
    merged.push(fitting.length === 1 ? fitting[0]! : new MergedFamily(fitting, mayMeet, onLeftOut));
  }
  return merged;
}

/** Families of one name, and the one that the others have to fit. */
interface NamesakeGroup {
  readonly first: ExposedFamily;
  readonly group: readonly ExposedFamily[];
}

type Merging = Required<Pick<MergeOptions, 'mayMeet' | 'onLeftOut'>>;

function conflictBetween(known: ExposedFamily, family: ExposedFamily): LeftOut | undefined {
  if (known.kind !== family.kind) return 'kind_conflict';
  return known.unit === family.unit ? undefined : 'unit_conflict';
}

/** Series are written with the bounds, states and divisor of their family, so those of the others are brought to the first one's. */
class MergedFamily implements ExposedFamily {
  readonly kind: ExposedFamily['kind'];
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly divisor: number;
  readonly bounds: readonly number[];
  readonly states: readonly string[];
  readonly quantiles: readonly number[] | undefined;
  readonly #group: readonly ExposedFamily[];
  /** Of the sketches that are made for a scrape. */
  readonly #arena = new CountArena();
  readonly #mayMeet: Merging['mayMeet'];
  readonly #onLeftOut: Merging['onLeftOut'];

  constructor(group: readonly ExposedFamily[], mayMeet: Merging['mayMeet'], onLeftOut: Merging['onLeftOut']) {
    const first = group[0]!;
    this.kind = first.kind;
    this.name = first.name;
    this.help = first.help;
    this.unit = first.unit;
    this.divisor = first.divisor;
    this.bounds = first.bounds;
    this.states = [...new Set(group.flatMap(({ states }) => states))];
    this.quantiles = group.find(({ quantiles }) => quantiles !== undefined)?.quantiles;
    this.#group = group;
    this.#mayMeet = mayMeet;
    this.#onLeftOut = onLeftOut;
  }

  get series(): Iterable<ExposedSeries> {
    return this.#all();
  }

  *#all(): Generator<ExposedSeries, void, undefined> {
    const meeting = this.#meeting();
    for (const family of this.#group) {
      const adapt = this.#adapterOf(family);
      for (const series of family.series) {
        const met = meeting.get(series.labels);
        if (met === undefined) yield adapt === undefined ? series : adapt(series);
        else if (met.length > 0) yield this.#sumOf(met.splice(0));
      }
    }
  }

  /** Series with labels that several have, by these labels. */
  #meeting(): Map<string, ExposedSeries[]> {
    const seen = new Map<string, ExposedSeries[]>();
    for (const family of this.#group) {
      const adapt = this.#adapterOf(family) ?? ((series: ExposedSeries) => series);
      for (const series of family.series) {
        if (!this.#mayMeet(series.labels)) continue;
        const met = seen.get(series.labels);
        if (met === undefined) seen.set(series.labels, [adapt(series)]);
        else met.push(adapt(series));
      }
    }
    for (const [labels, { length }] of seen) if (length === 1) seen.delete(labels);
    return seen;
  }

  /** How states of different collectors would become one, none of them knows; the first is shown. */
  #sumOf([first, ...others]: readonly ExposedSeries[]): ExposedSeries {
    if (this.kind === 'gauge' || this.kind === 'enum') this.#onLeftOut(this, 'same_series');
    if (this.kind === 'gauge' || this.kind === 'enum' || this.kind === 'info') return first!;
    const size = this.kind === 'counter' ? 1 : this.kind === 'summary' ? 2 : this.bounds.length + 2;
    const cells = first!.cells.slice(first!.offset, first!.offset + size);
    for (const other of others) for (let i = 0; i < size; i++) cells[i]! += other.cells[other.offset + i]!;
    return { labels: first!.labels, cells, offset: 0, exemplars: first!.exemplars, sketch: mergedSketch([first!, ...others], this.#arena) };
  }

  /** Undefined for a family whose series can be shown as they are. */
  #adapterOf(family: ExposedFamily): ((series: ExposedSeries) => ExposedSeries) | undefined {
    if (this.kind === 'info') return undefined;
    if (this.kind === 'enum') {
      const places = family.states.map((state) => this.states.indexOf(state));
      if (places.every((place, i) => place === i)) return undefined;
      return (series) => withCells(series, [places[series.cells[series.offset]!] ?? -1]);
    }
    const isScaled = family.divisor !== this.divisor;
    const scale = scaleBetween(family.divisor, this.divisor);
    if (this.kind === 'histogram') {
      const targets = bucketTargets(this, family);
      if (targets === undefined && !isScaled) return undefined;
      return (series) => withCells(series, this.#rebucketed(series, targets ?? [...family.bounds.keys(), family.bounds.length], scale));
    }
    if (this.kind === 'summary') return isScaled || !sameQuantiles(this, family) ? this.#summaryAdapter(family, scale) : undefined;
    if (!isScaled) return undefined;
    return (series) => withCells(series, [scale(series.cells[series.offset]!)]);
  }

  /** Quantiles are told apart by their place in the family's list. */
  #summaryAdapter({ quantiles = [] }: ExposedFamily, scale: (value: number) => number): (series: ExposedSeries) => ExposedSeries {
    const places = (this.quantiles ?? []).map((quantile) => quantiles.indexOf(quantile));
    return (series) => {
      const { cells, offset, quantileValues } = series;
      const values = places.map((place) => scale(quantileValues?.[place] ?? Number.NaN));
      return { ...withCells(series, [cells[offset]!, scale(cells[offset + 1]!)]), quantileValues: values };
    };
  }

  #rebucketed({ cells, offset }: ExposedSeries, targets: readonly number[], scale: (value: number) => number): number[] {
    const numbers = new Array<number>(this.bounds.length + 2).fill(0);
    targets.forEach((target, i) => {
      numbers[target]! += cells[offset + i]!;
    });
    numbers[this.bounds.length + 1] = scale(cells[offset + targets.length]!);
    return numbers;
  }
}

function sameQuantiles(a: ExposedFamily, b: ExposedFamily): boolean {
  return (a.quantiles ?? []).join() === (b.quantiles ?? []).join();
}

/** Without the sketch of one of them it would not be whole. */
function mergedSketch(series: readonly ExposedSeries[], arena: CountArena): SketchView | undefined {
  const views = series.flatMap(({ sketch }) => sketch ?? []);
  if (views.length < series.length) return undefined;
  const sketch = new Sketch({
    arena,
    maxBuckets: DEFAULT_MAX_BUCKETS,
    zeroThreshold: 0,
    scale: Math.max(...views.map(({ scale }) => scale)),
  });
  for (const view of views) sketch.merge(view);
  return sketch;
}

/** Exemplars belong to the layout that the series no longer has. */
function withCells({ labels, sketch }: Pick<ExposedSeries, 'labels' | 'sketch'>, numbers: readonly number[]): ExposedSeries {
  return { labels, sketch, cells: Float64Array.from(numbers), offset: 0 };
}
