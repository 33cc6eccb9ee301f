import type { ExposedFamily } from './exposed-family.js';
import { renderOpenMetrics } from './open-metrics.js';
import { renderProtobuf } from './protobuf.js';
import { renderText } from './text.js';

/** The formats that families can be shown in. */

/** `text` is Prometheus's text format 0.0.4, `openmetrics` is OpenMetrics 1.0, `protobuf` carries native histograms too. */
export type FormatName = 'text' | 'openmetrics' | 'protobuf';

export interface ExpositionFormat {
  readonly name: FormatName;
  readonly contentType: string;
  /** Writes families in chunks of about 64 kB; some may be empty. Reads lazily, so that one may pause between two chunks. */
  readonly render: (families: Iterable<ExposedFamily>) => Generator<Buffer, void, undefined>;
}

export const FORMATS: Readonly<Record<FormatName, ExpositionFormat>> = {
  text: { name: 'text', contentType: 'text/plain; version=0.0.4; charset=utf-8', render: renderText },
  openmetrics: {
    name: 'openmetrics',
    contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    render: renderOpenMetrics,
  },
  protobuf: {
    name: 'protobuf',
    contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
    render: renderProtobuf,
  },
};
