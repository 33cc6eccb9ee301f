import { misuse } from '../diagnostics/misuse.js';
import { checkKnownKeys } from '../diagnostics/options.js';
import { CONTENT_TYPES, type FormatName } from '../record/exposed.js';

/** What `profiler.metrics` may be asked for. */
export interface MetricsOptions {
  /** Default: `text`. */
  readonly format?: FormatName;
}

/** The `Accept` header that asks for this. Throws a TypeError that names a wrong option. */
export function acceptedBy(options: MetricsOptions): string {
  checkKnownKeys('metrics', options, ['format']);
  const { format = 'text' } = options;
  if (Object.hasOwn(CONTENT_TYPES, format)) return CONTENT_TYPES[format];
  throw misuse('OPTION_INVALID', `metrics: format must be one of ${Object.keys(CONTENT_TYPES).join(', ')}, got ${JSON.stringify(format)}`);
}
