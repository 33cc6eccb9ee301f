import type { Recorded } from '../../src/record/recorded.js';

/** The record that the golden data of handlers use, with parts of it replaced. */
export function aRecord(parts: Partial<Recorded> = {}): Recorded {
  return {
    item: 'Res',
    metric: 'histogram',
    units: 'mS',
    job: 'TEST',
    method: 'Res:get.first',
    labels: {},
    value: ['observe', 2],
    ...parts,
  };
}

/** As many records as asked for, with the values 1, 2, 3 … */
export function records(count: number): Recorded[] {
  return Array.from({ length: count }, (_, index) => aRecord({ value: ['observe', index + 1] }));
}
