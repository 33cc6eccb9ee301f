import { misuse } from '../diagnostics/misuse.js';
import { invalidOption } from '../diagnostics/options.js';
import type { EnumMerge, GaugeMerge } from '../record/batch.js';
import type { MetricKind } from '../record/recorded.js';

/** How a metric that shows states, not sums, merges over the processes that measure it. */

/** By kind, the default first. */
const MERGE_MODES: Readonly<Partial<Record<MetricKind, readonly (GaugeMerge | EnumMerge)[]>>> = {
  gauge: ['livesum', 'livemin', 'livemax', 'liveavg', 'livemostrecent', 'liveall', 'sum', 'min', 'max', 'avg', 'mostrecent', 'all'],
  enum: ['state', 'count'],
};

/** Label that tells processes apart where a gauge does not merge them. */
const WORKER = 'worker';

/**
 * The merge mode as a collector must know it: the declared one, or the default of the kind; undefined for kinds that have none. Throws a TypeError if
 * there is no such mode, or if a label is named like the one that the mode adds.
 */
export function checkedMerge(
  where: string,
  kind: MetricKind,
  merge: GaugeMerge | EnumMerge | undefined,
  labels: readonly string[],
): GaugeMerge | EnumMerge | undefined {
  const modes = MERGE_MODES[kind];
  if (merge === undefined || modes === undefined) return modes?.[0];
  if (!modes.includes(merge)) throw invalidOption(where, 'merge', `one of ${modes.map((mode) => `'${mode}'`).join(', ')}`, merge);
  if ((merge === 'all' || merge === 'liveall') && labels.includes(WORKER)) {
    throw misuse(
      'OPTION_INVALID',
      `${where}: the label '${WORKER}' is the one that merge '${merge}' adds; choose another name for it, or another mode`,
    );
  }
  return merge;
}
