import type { ExposedFamily } from '../exposition/exposed-family.js';
import type { FamilyDelta, FamilySchema } from '../record/batch.js';
import { Aggregate } from './aggregate/aggregate.js';
import { normalizeCollectorLimits } from './limits.js';
import type { Tally } from './tally.js';

/** Values by label. */
export type Values = Iterable<readonly [label: string, value: number]>;

/** Puts a collector's own metrics together, `phanos_collector_*`, as families of the same making as those that it collects. */
export class OwnFamilies {
  readonly #aggregate = new Aggregate({
    limits: normalizeCollectorLimits({ seriesPerFamily: MANY, seriesPerJob: MANY, series: MANY, labelValueLength: MANY }),
  });
  readonly #constants: Readonly<Record<string, string>>;
  readonly #contributor = this.#aggregate.join(1, { job: '', instance: '', worker: '', boot: '' });

  /** @param constants labels that all of them carry, in front of their own */
  constructor(constants: Readonly<Record<string, string>> = {}) {
    this.#constants = constants;
  }

  get families(): Iterable<ExposedFamily> {
    return this.#aggregate.families;
  }

  counter(name: string, help: string, label: string | undefined, values: Values): void {
    this.#add('counter', name, help, label, values, (add) => ({ add }));
  }

  gauge(name: string, help: string, label: string | undefined, values: Values): void {
    this.#add('gauge', name, help, label, values, (value) => ({ value }));
  }

  /** @param label by what the tally counts besides the reason */
  byReason(name: string, help: string, tally: Pick<Tally<string>, 'entries'>, label = 'family'): void {
    const rows = Array.from(tally.entries(), ([family, reason, add]) => ({ labelValues: this.#valuesOf(family, reason), add }));
    this.#apply({ kind: 'counter', schema: this.#schemaOf(name, help, [label, 'reason']), rows, removed: [] });
  }

  /** A gauge that is 1 for each family with its reason. */
  byFamily(name: string, help: string, families: Iterable<readonly [family: string, reason: string]>): void {
    const rows = Array.from(families, ([family, reason]) => ({ labelValues: this.#valuesOf(family, reason), value: 1 }));
    this.#apply({ kind: 'gauge', schema: this.#schemaOf(name, help, ['family', 'reason']), rows, removed: [] });
  }

  /** @param parts durations in milliseconds, shown in seconds */
  histogram(
    name: string,
    help: string,
    parts: { readonly bounds: readonly number[]; readonly counts: readonly number[]; readonly sum: number },
  ): void {
    const { bounds, counts, sum } = parts;
    const schema = { ...this.#schemaOf(name, help, []), unit: 'seconds', divisor: 1000, bounds };
    this.#apply({ kind: 'histogram', schema, rows: [{ labelValues: this.#valuesOf(), counts, sum }], removed: [] });
  }

  #add<Row>(
    kind: 'counter' | 'gauge',
    name: string,
    help: string,
    label: string | undefined,
    values: Values,
    rowOf: (value: number) => Row,
  ): void {
    const rows = Array.from(values, ([text, value]) => ({
      labelValues: label === undefined ? this.#valuesOf() : this.#valuesOf(text),
      ...rowOf(value),
    }));
    this.#apply({
      kind,
      schema: this.#schemaOf(name, help, label === undefined ? [] : [label]),
      rows,
      removed: [],
    } as unknown as FamilyDelta);
  }

  #apply(delta: FamilyDelta): void {
    this.#aggregate.apply(delta, { contributor: this.#contributor, seq: 1, settled: 1, isWhole: false, stamp: 1 });
  }

  #valuesOf(...own: string[]): string[] {
    return [...Object.values(this.#constants), ...own];
  }

  #schemaOf(name: string, help: string, own: readonly string[]): FamilySchema {
    const labelNames = [...Object.keys(this.#constants), ...own];
    return { name: `phanos_collector_${name}`, help, unit: '', divisor: 1, labelNames, bounds: [], states: [] };
  }
}

const MANY = Number.MAX_SAFE_INTEGER;
