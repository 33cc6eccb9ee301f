import { CONTENT_TYPES, type FormatName } from '../record/exposed.js';
import type { ExposedFamily } from './exposed-family.js';
import { renderOpenMetrics } from './open-metrics.js';
import { renderProtobuf } from './protobuf.js';
import { renderText } from './text.js';

/** The formats that families can be shown in. */

export interface ExpositionFormat {
  readonly name: FormatName;
  readonly contentType: string;
  /** Writes families in chunks of about 64 kB; some may be empty. Reads lazily, so that one may pause between two chunks. */
  readonly render: (families: Iterable<ExposedFamily>) => Generator<Buffer, void, undefined>;
}

export const FORMATS: Readonly<Record<FormatName, ExpositionFormat>> = {
  text: { name: 'text', contentType: CONTENT_TYPES.text, render: renderText },
  openmetrics: { name: 'openmetrics', contentType: CONTENT_TYPES.openmetrics, render: renderOpenMetrics },
  protobuf: { name: 'protobuf', contentType: CONTENT_TYPES.protobuf, render: renderProtobuf },
};
