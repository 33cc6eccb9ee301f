import { shownExemplar } from './exemplar.js';
import type { ExposedExemplar, ExposedFamily, ExposedSeries } from './exposed-family.js';
import { escapeLabelValue } from './label-text.js';
import type { LineWriter } from './line-writer.js';
import { canonicalText, numberText } from './number-text.js';
import { textFamilyName } from './sample-name.js';

/** The samples of a series as lines, as text 0.0.4 and OpenMetrics have them. */

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const SPACE = 0x20;
const LINE_END = 0x0a;

/** Writes all lines of one series. */
export type WriteSeries = (series: ExposedSeries) => void;

/** @param strict true for OpenMetrics: canonical bounds, exemplars, and no sums that could fall */
export function seriesLines(family: ExposedFamily, out: LineWriter, strict: boolean): WriteSeries {
  switch (family.kind) {
    case 'histogram':
      return histogramLines(family, out, strict);
    case 'summary':
      return summaryLines(family, out, strict);
    case 'enum':
      return enumLines(family, out);
    default:
      return valueLines(family, out, strict);
  }
}

function valueLines({ kind, name, divisor }: ExposedFamily, out: LineWriter, strict: boolean): WriteSeries {
  const head = encode(textFamilyName(kind, name));
  const showsExemplars = strict && kind === 'counter';
  return ({ labels, cells, offset, exemplars }) => {
    startLine(out, head, labels);
    out.number(kind === 'info' ? 1 : cells[offset]! / divisor);
    if (showsExemplars && exemplars !== undefined) writeExemplar(out, exemplars[0], divisor);
    out.byte(LINE_END);
  };
}

function histogramLines({ name, bounds, divisor }: ExposedFamily, out: LineWriter, strict: boolean): WriteSeries {
  const head = encode(`${name}_bucket{`);
  const tails = boundTexts('le', [...bounds.map((bound) => bound / divisor), Number.POSITIVE_INFINITY], strict);
  const sumHead = encode(`${name}_sum`);
  const countHead = encode(`${name}_count`);
  const buckets = tails.length;
  const sumsMayFall = strict && bounds.some((bound) => bound < 0);
  return ({ labels, cells, offset, exemplars }) => {
    let start = out.length;
    out.encoded(head);
    if (labels !== '') writeLabels(out, labels);
    const headLength = out.length - start;
    let count = 0;
    for (let i = 0; i < buckets; i++) {
      if (i > 0) {
        const next = out.length;
        out.repeat(start, start + headLength);
        start = next;
      }
      out.encoded(tails[i]!);
      count += cells[offset + i]!;
      out.number(count);
      if (strict && exemplars !== undefined) writeExemplar(out, exemplars[i], divisor);
      out.byte(LINE_END);
    }
    const sum = cells[offset + buckets]! / divisor;
    // The specification wants both or neither, and takes a sum for a counter.
    if (sumsMayFall || (strict && !(sum >= 0))) return;
    startLine(out, sumHead, labels);
    out.number(sum);
    out.byte(LINE_END);
    startLine(out, countHead, labels);
    out.number(count);
    out.byte(LINE_END);
  };
}

function summaryLines({ name, divisor, quantiles = [] }: ExposedFamily, out: LineWriter, strict: boolean): WriteSeries {
  const head = encode(`${name}{`);
  const tails = boundTexts('quantile', quantiles, strict);
  const sumHead = encode(`${name}_sum`);
  const countHead = encode(`${name}_count`);
  return ({ labels, cells, offset, quantileValues }) => {
    for (let i = 0; i < tails.length; i++) {
      const value = (quantileValues?.[i] ?? Number.NaN) / divisor;
      if (strict && value < 0) continue;
      out.encoded(head);
      if (labels !== '') writeLabels(out, labels);
      out.encoded(tails[i]!);
      out.number(value);
      out.byte(LINE_END);
    }
    const sum = cells[offset + 1]! / divisor;
    if (!strict || sum >= 0) {
      startLine(out, sumHead, labels);
      out.number(sum);
      out.byte(LINE_END);
    }
    startLine(out, countHead, labels);
    out.number(cells[offset]!);
    out.byte(LINE_END);
  };
}

function enumLines({ name, states }: ExposedFamily, out: LineWriter): WriteSeries {
  const head = encode(`${name}{`);
  const tails: Uint8Array[] = [];
  return ({ labels, cells, offset }) => {
    for (let i = tails.length; i < states.length; i++) tails.push(encode(`${name}="${escapeLabelValue(states[i]!)}"} `));
    const current = cells[offset];
    for (let i = 0; i < tails.length; i++) {
      out.encoded(head);
      if (labels !== '') writeLabels(out, labels);
      out.encoded(tails[i]!);
      out.number(i === current ? 1 : 0);
      out.byte(LINE_END);
    }
  };
}

/** The last label, the brace and the blank of each line. */
function boundTexts(label: string, bounds: readonly number[], strict: boolean): Uint8Array[] {
  const text = strict ? canonicalText : numberText;
  // A zero of either sign is the same bound, and is to be the same label value.
  return bounds.map((bound) => encode(`${label}="${text(bound + 0)}"} `));
}

function startLine(out: LineWriter, name: Uint8Array, labels: string): void {
  out.encoded(name);
  if (labels !== '') {
    out.byte(OPEN);
    out.text(labels);
    out.byte(CLOSE);
  }
  out.byte(SPACE);
}

function writeLabels(out: LineWriter, labels: string): void {
  out.text(labels);
  out.byte(COMMA);
}

function writeExemplar(out: LineWriter, exemplar: ExposedExemplar | undefined, divisor: number): void {
  const shown = shownExemplar(exemplar, divisor);
  if (shown === undefined) return;
  const labels = shown.labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',');
  out.text(` # {${labels}} ${numberText(shown.value)}`);
  if (shown.timestamp !== undefined) out.text(` ${timestampText(shown.timestamp)}`);
}

/** Without exponent, which is no form for a time. */
function timestampText(seconds: number): string {
  return seconds.toFixed(3).replace(/\.?0+$/, '');
}

function encode(text: string): Uint8Array {
  return Buffer.from(text);
}
