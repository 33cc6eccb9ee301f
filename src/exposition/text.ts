import type { ExposedFamily, ExposedSeries } from './exposed-family.js';
import { escapeHelp, escapeLabelValue } from './label-text.js';
import { numberText } from './number-text.js';
import { textFamilyName } from './sample-name.js';

/** Prometheus's text format, version 0.0.4. */

export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Characters after which a chunk is handed on: large enough to make few writes, small enough to keep the heap flat. */
const CHUNK_LENGTH = 64 * 1024;

/** Lines of one series. */
type SeriesWriter = (series: ExposedSeries) => string;

/**
 * Writes families in their order, one block each, in chunks of about 64 kB that end at the end of a line.
 *
 * Reads lazily: what changes between two chunks is seen, but the lines of one series always belong together.
 */
export function* renderText(families: Iterable<ExposedFamily>): Generator<string, void, undefined> {
  let chunk = '';
  for (const family of families) {
    chunk += headerText(family);
    const linesOf = seriesWriter(family);
    for (const series of family.series) {
      chunk += linesOf(series);
      if (chunk.length >= CHUNK_LENGTH) {
        yield chunk;
        chunk = '';
      }
    }
  }
  if (chunk !== '') yield chunk;
}

function headerText(family: ExposedFamily): string {
  const name = textFamilyName(family.kind, family.name);
  // The format has no word for enums and infos; they are gauges there.
  const type = family.kind === 'enum' || family.kind === 'info' ? 'gauge' : family.kind;
  return `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${type}\n`;
}

function seriesWriter(family: ExposedFamily): SeriesWriter {
  switch (family.kind) {
    case 'histogram':
      return histogramWriter(family);
    case 'summary':
      return summaryWriter(family);
    case 'enum':
      return enumWriter(family);
    default:
      return valueWriter(family);
  }
}

function valueWriter({ kind, name, divisor }: ExposedFamily): SeriesWriter {
  const sample = textFamilyName(kind, name);
  const scale = kind === 'info' ? 1 : divisor;
  return ({ labels, cells, offset }) => `${sample}${braces(labels)} ${numberText(cells[offset]! / scale)}\n`;
}

function histogramWriter({ name, bounds, divisor }: ExposedFamily): SeriesWriter {
  const tails = [...bounds.map((bound) => numberText(bound / divisor)), '+Inf'].map((bound) => `le="${bound}"} `);
  const buckets = tails.length;
  return ({ labels, cells, offset }) => {
    const head = labels === '' ? `${name}_bucket{` : `${name}_bucket{${labels},`;
    let lines = '';
    let count = 0;
    for (let i = 0; i < buckets; i++) {
      count += cells[offset + i]!;
      lines += `${head}${tails[i]}${count}\n`;
    }
    const set = braces(labels);
    return `${lines}${name}_sum${set} ${numberText(cells[offset + buckets]! / divisor)}\n${name}_count${set} ${count}\n`;
  };
}

function summaryWriter({ name, divisor, quantiles = [] }: ExposedFamily): SeriesWriter {
  const tails = quantiles.map((quantile) => `quantile="${numberText(quantile)}"} `);
  return (series) => {
    const { labels, cells, offset } = series;
    const set = braces(labels);
    let lines = '';
    if (tails.length > 0) {
      const head = labels === '' ? `${name}{` : `${name}{${labels},`;
      const values = series.quantileValues;
      for (let i = 0; i < tails.length; i++) lines += `${head}${tails[i]}${numberText((values?.[i] ?? Number.NaN) / divisor)}\n`;
    }
    return `${lines}${name}_sum${set} ${numberText(cells[offset + 1]! / divisor)}\n${name}_count${set} ${cells[offset]}\n`;
  };
}

function enumWriter({ name, states }: ExposedFamily): SeriesWriter {
  const tails: string[] = [];
  return ({ labels, cells, offset }) => {
    for (let i = tails.length; i < states.length; i++) tails.push(`${name}="${escapeLabelValue(states[i]!)}"} `);
    const head = labels === '' ? `${name}{` : `${name}{${labels},`;
    const current = cells[offset];
    let lines = '';
    for (let i = 0; i < tails.length; i++) lines += `${head}${tails[i]}${i === current ? 1 : 0}\n`;
    return lines;
  };
}

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}
