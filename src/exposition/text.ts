import type { ExposedFamily } from './exposed-family.js';
import { escapeHelp } from './label-text.js';
import { LineWriter } from './line-writer.js';
import { textFamilyName } from './sample-name.js';
import { seriesLines } from './series-lines.js';

/** Prometheus's text format, version 0.0.4. */

/**
 * Writes families in their order, one block each, in chunks of about 64 kB that end at the end of a line.
 *
 * Reads lazily: what changes between two chunks is seen, but the lines of one series always belong together.
 */
export function* renderText(families: Iterable<ExposedFamily>): Generator<Buffer, void, undefined> {
  const out = new LineWriter();
  for (const family of families) {
    out.text(headerText(family));
    const write = seriesLines(family, out, false);
    for (const series of family.series) {
      write(series);
      if (out.isFull) yield out.take();
    }
  }
  if (out.length > 0) yield out.take();
}

function headerText(family: ExposedFamily): string {
  const name = textFamilyName(family.kind, family.name);
  // The format has no word for enums and infos; they are gauges there.
  const type = family.kind === 'enum' || family.kind === 'info' ? 'gauge' : family.kind;
  return `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${type}\n`;
}
