/** The writers of all formats and the choice among them, for programs that have families of their own to show. */

export type { ExposedExemplar, ExposedFamily, ExposedSeries } from './exposition/exposed-family.js';
export { type ExpositionFormat, FORMATS } from './exposition/format.js';
export { escapeLabelValue } from './exposition/label-text.js';
export { type Agreement, acceptsGzip, negotiate } from './exposition/negotiation.js';
export type { FormatName } from './record/exposed.js';
export type { MetricKind } from './record/recorded.js';
export type { SketchBuckets, SketchView } from './sketch/sketch-view.js';
