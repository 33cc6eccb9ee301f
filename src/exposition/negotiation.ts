import type { FormatName } from '../record/exposed.js';
import { type ExpositionFormat, FORMATS } from './format.js';
import { headerList, type ListElement } from './header-list.js';

/** Which format a reader gets. */

/** What was agreed on. */
export interface Agreement {
  readonly format: ExpositionFormat;
  readonly contentType: string;
}

/** Something that may be asked for. */
interface Offer {
  readonly format: FormatName;
  readonly type: string;
  /** Parameters that must not be others. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Those that have to be asked for by name. */
  readonly required?: readonly string[];
  readonly contentType?: string;
}

/** In the order in which they are taken where a reader has no preference: any type gets what a person can read. */
const OFFERS: readonly Offer[] = [
  { format: 'text', type: 'text/plain', parameters: { version: '0.0.4' } },
  { format: 'openmetrics', type: 'application/openmetrics-text', parameters: { version: '1.0.0' } },
  {
    format: 'text',
    type: 'text/plain',
    parameters: { version: '1.0.0' },
    required: ['version'],
    // Differs from 0.0.4 by what it can do with names beyond the classic alphabet. Ours are never beyond.
    contentType: 'text/plain; version=1.0.0; charset=utf-8; escaping=underscores',
  },
  {
    format: 'protobuf',
    type: 'application/vnd.google.protobuf',
    parameters: { proto: 'io.prometheus.client.metricfamily', encoding: 'delimited' },
    required: ['proto', 'encoding'],
  },
];

/**
 * The format that suits an `Accept` header best: by weight, then by how exactly it was asked for, then by the order of the header. Text 0.0.4 for who
 * asks for nothing, or for nothing that there is: a reader that can't use it has lost nothing.
 */
export function negotiate(accept: string | undefined): Agreement {
  let best: Candidate | undefined;
  const ranges = headerList(accept ?? '');
  for (const offer of OFFERS) {
    const candidate = candidateOf(offer, ranges);
    if (candidate !== undefined && candidate.weight > 0 && (best === undefined || isBetter(candidate, best))) best = candidate;
  }
  if (best === undefined) return { format: FORMATS.text, contentType: FORMATS.text.contentType };
  const format = FORMATS[best.offer.format];
  const contentType = best.offer.contentType ?? format.contentType;
  // Who asks how names are escaped wants to be told; ours need no escapes, and this is what it is called.
  return {
    format,
    contentType: best.isEscapingAsked && !contentType.includes('escaping=') ? `${contentType}; escaping=underscores` : contentType,
  };
}

/** Whether an `Accept-Encoding` header allows gzip by name. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return headerList(acceptEncoding ?? '').some(({ value, weight }) => value === 'gzip' && weight > 0);
}

interface Candidate {
  readonly offer: Offer;
  readonly weight: number;
  /** How exactly the range names the offer. */
  readonly exactness: number;
  readonly position: number;
  readonly isEscapingAsked: boolean;
}

/** What the most exact of the ranges says of an offer. */
function candidateOf(offer: Offer, ranges: readonly ListElement[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const [position, range] of ranges.entries()) {
    const exactness = exactnessOf(range, offer);
    if (exactness === undefined || exactness <= (best?.exactness ?? -1)) continue;
    best = { offer, weight: range.weight, exactness, position, isEscapingAsked: range.parameters.has('escaping') };
  }
  return best;
}

function exactnessOf({ value, parameters }: ListElement, { type, parameters: own, required = [] }: Offer): number | undefined {
  if (required.some((name) => !parameters.has(name))) return undefined;
  const named = Object.entries(own).filter(([name]) => parameters.has(name));
  if (named.some(([name, expected]) => parameters.get(name)?.toLowerCase() !== expected)) return undefined;
  if (value === type) return 2 + named.length;
  if (value === `${type.split('/', 1)[0]}/*`) return 1;
  return value === '*/*' ? 0 : undefined;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.weight !== b.weight) return a.weight > b.weight;
  if (a.exactness !== b.exactness) return a.exactness > b.exactness;
  return a.position < b.position;
}
