import type { DecodedRecord } from '../../../record/decoded-record.js';
import type { Row, Target } from './target.js';

/** What the records of one message come to for one series. */
export interface OpenRow {
  /** Takes one more record in, of the kind that it was made for; false if its value can't be taken. */
  add(record: DecodedRecord): boolean;
  readonly row: Row;
}

/** A row without any record yet. */
export function openRow(target: Target, labelValues: readonly string[]): OpenRow {
  switch (target.kind) {
    case 'counter':
      return counterRow(labelValues);
    case 'gauge':
      return gaugeRow(labelValues);
    case 'histogram':
      return histogramRow(labelValues, target.schema.bounds);
    case 'summary':
      return summaryRow(labelValues);
    case 'enum':
      return enumRow(target, labelValues);
    case 'info':
      return infoRow(labelValues);
  }
}

function counterRow(labelValues: readonly string[]): OpenRow {
  const row = { labelValues, add: 0 };
  return {
    row,
    add({ value }) {
      row.add += value as number;
      return true;
    },
  };
}

/** Without a `set` in the message the row tells a change, since only who keeps the gauge knows where it stands. */
function gaugeRow(labelValues: readonly string[]): OpenRow {
  const row = { labelValues, value: 0, relative: true };
  return {
    row,
    add({ operation, value }) {
      if (operation === 'set') row.relative = false;
      row.value = operation === 'set' ? value : row.value + (operation === 'dec' ? -value : (value as number));
      return true;
    },
  };
}

function histogramRow(labelValues: readonly string[], bounds: readonly number[]): OpenRow {
  const row = { labelValues, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
  return {
    row,
    add({ value }) {
      const number = value as number;
      let bucket = 0;
      while (bucket < bounds.length && number > bounds[bucket]!) bucket++;
      row.counts[bucket]! += 1;
      row.sum += number;
      return true;
    },
  };
}

function summaryRow(labelValues: readonly string[]): OpenRow {
  const row = { labelValues, count: 0, sum: 0 };
  return {
    row,
    add({ value }) {
      row.count += 1;
      row.sum += value as number;
      return true;
    },
  };
}

function enumRow(target: Target, labelValues: readonly string[]): OpenRow {
  const row = { labelValues, state: '' };
  return {
    row,
    add({ value }) {
      if (!target.admitState(value as string)) return false;
      row.state = value as string;
      return true;
    },
  };
}

function infoRow(labelValues: readonly string[]): OpenRow {
  const row = { labelValues, pairs: {} };
  return {
    row,
    add({ value }) {
      row.pairs = Object.fromEntries(value as readonly (readonly [string, string])[]);
      return true;
    },
  };
}
