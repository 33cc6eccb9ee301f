import type { AdditiveCopy, FamilyCopy } from './family-copy.js';
import type { FamilySketches } from './family-sketches.js';
import { plainCells } from './plain-number.js';
import type { Series } from './series.js';
import type { SeriesMap } from './series-map.js';

/**
 * Copies what changes only; to put it into words takes ten times as long and is left for later.
 *
 * @param stride numbers of a series
 * @param now of which time windows are
 */
export function copySeries(
  all: SeriesMap<Series>,
  stride: number,
  sketches: FamilySketches,
  now: number,
): Pick<FamilyCopy, 'size' | 'series'> {
  const { size } = all;
  const keys = new Array<string>(size);
  const labels = new Array<string>(size);
  const owners = new Float64Array(size * 2);
  const numbers = new Float64Array(size * stride);
  let at = 0;
  for (const [key, { labels: text, group, writer, cells, offset }] of all.entries()) {
    keys[at] = key;
    labels[at] = text;
    owners[at * 2] = group.id;
    owners[at * 2 + 1] = writer;
    for (let j = 0; j < stride; j++) numbers[at * stride + j] = cells[offset + j]!;
    at++;
  }
  const sketchesOf = sketches.copy(all.values(), now);
  const series = (from: number, to: number): AdditiveCopy[] =>
    labels.slice(from, to).map((text, i): AdditiveCopy => {
      const index = from + i;
      const key = keys[index]!;
      const cells = plainCells(numbers, index * stride, stride);
      const slices = sketchesOf(index);
      const copy = [key === text ? null : key, text, owners[index * 2]!, owners[index * 2 + 1]!, cells] as const;
      return slices === undefined ? copy : [...copy, slices];
    });
  return { size, series };
}
