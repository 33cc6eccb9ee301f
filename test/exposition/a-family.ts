import type { ExposedFamily } from '../../src/exposition/exposed-family.js';

/** A family whose series have these labels and numbers. */
export function family(
  kind: ExposedFamily['kind'],
  series: Readonly<Record<string, number[]>>,
  more: Partial<ExposedFamily> = {},
): ExposedFamily {
  return {
    kind,
    name: 'f',
    help: 'Help.',
    unit: '',
    divisor: 1,
    bounds: [],
    states: [],
    series: Object.entries(series).map(([labels, numbers]) => ({ labels, cells: Float64Array.from([9, ...numbers]), offset: 1 })),
    ...more,
  };
}
