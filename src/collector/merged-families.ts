import type { ExposedFamily, ExposedSeries } from '../exposition/exposed-family.js';
import { bucketTargets } from './aggregate/bucket-targets.js';
import { scaleBetween } from './aggregate/scale.js';

/**
 * The families of several collectors as those of one: each name once, with the series of all. Their series differ in their labels, for a producer hands
 * its measurements to one collector.
 *
 * @param onConflict told of a family that is left out because another one of that name has another kind or unit, which a scrape can't show together
 */
export function mergedFamilies(
  sources: readonly Iterable<ExposedFamily>[],
  onConflict: (family: ExposedFamily) => void = () => undefined,
): Iterable<ExposedFamily> {
  if (sources.length === 1) return sources[0]!;
  const byName = new Map<string, ExposedFamily[]>();
  for (const families of sources) {
    for (const family of families) {
      const known = byName.get(family.name);
      if (known === undefined) byName.set(family.name, [family]);
      else if (known[0]!.kind === family.kind && known[0]!.unit === family.unit) known.push(family);
      else onConflict(family);
    }
  }
  return Array.from(byName.values(), (group) => (group.length === 1 ? group[0]! : new MergedFamily(group)));
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

  constructor(group: readonly ExposedFamily[]) {
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
  }

  get series(): Iterable<ExposedSeries> {
    return this.#all();
  }

  *#all(): Generator<ExposedSeries, void, undefined> {
    for (const family of this.#group) {
      const adapt = this.#adapterOf(family);
      if (adapt === undefined) yield* family.series;
      else for (const series of family.series) yield adapt(series);
    }
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

/** Exemplars belong to the layout that the series no longer has. */
function withCells({ labels, sketch }: Pick<ExposedSeries, 'labels' | 'sketch'>, numbers: readonly number[]): ExposedSeries {
  return { labels, sketch, cells: Float64Array.from(numbers), offset: 0 };
}
