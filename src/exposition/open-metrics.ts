import type { MetricKind } from '../record/recorded.js';
import type { ExposedFamily } from './exposed-family.js';
import { escapeHelp } from './label-text.js';
import { LineWriter } from './line-writer.js';
import { openMetricsName } from './sample-name.js';
import { seriesLines } from './series-lines.js';

/**
 * OpenMetrics, version 1.0.
 *
 * There are no `_created` samples: Prometheus 2.42 keeps each as a series of its own, and collectors don't remember when a series began.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */

const TYPES: Readonly<Record<MetricKind, string>> = {
  counter: 'counter',
  enum: 'stateset',
  gauge: 'gauge',
  histogram: 'histogram',
  info: 'info',
  summary: 'summary',
};

/** As `renderText`; ends with `# EOF`. */
export function* renderOpenMetrics(families: Iterable<ExposedFamily>): Generator<Buffer, void, undefined> {
  const out = new LineWriter();
  for (const family of families) {
    out.text(headerText(family));
    const write = seriesLines(family, out, true);
    for (const series of family.series) {
      write(series);
      if (out.isFull) yield out.take();
    }
  }
  out.text('# EOF\n');
  yield out.take();
}

function headerText(family: ExposedFamily): string {
  const { kind, help } = family;
  const name = openMetricsName(kind, family.name);
  const unit = shownUnit(family, name);
  const unitLine = unit === '' ? '' : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${TYPES[kind]}\n${unitLine}# HELP ${name} ${escapeHelp(help).replaceAll('"', '\\"')}\n`;
}

/** Names must end in their unit, and infos and enums have none. */
export function shownUnit({ kind, unit }: ExposedFamily, name: string): string {
  return unit !== '' && kind !== 'info' && kind !== 'enum' && name.endsWith(`_${unit}`) ? unit : '';
}
